import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.service.js';
import { Problem } from '../../http/problem.js';
import { WorkflowExecution } from '../../orchestrator/workflows/workflow-execution.service.js';

/** Those that a person retried are among them, although their tasks are over. */
const RUNNING = `SELECT id FROM workflows WHERE origin = 'motivation' AND status IN ('pending', 'in_progress') ORDER BY created_at, id`;

/** The workflows that motivations began and that have not ended. */
@Injectable()
export class RunningTasks {
  constructor(
    private readonly database: Database,
    private readonly workflows: WorkflowExecution,
  ) {}

  /** All of them, their branches too. @returns how many it cancelled; @throws when one could not be, after it tried all */
  async cancelAll(): Promise<number> {
    const running = await this.database.query<{ id: string }>(RUNNING);
    const errors: unknown[] = [];
    let cancelled = 0;
    for (const { id } of running) {
      try {
        if ((await this.workflows.cancel(id)).status === 202) cancelled += 1;
      } catch (error) {
        if (!isOver(error)) errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
    return cancelled;
  }
}

/** It ended, or was erased, meanwhile. */
const isOver = (error: unknown): boolean =>
  error instanceof Problem && (error.code === 'CONFLICT' || error.code === 'NOT_FOUND');

import { Injectable } from '@nestjs/common';
import type { Sql } from '../../database/sql.js';
import { contentOf } from '../../llm/interactions/content.sql.js';
import { checkCustomRules } from '../agents/validator/custom-rules.rules.js';
import type { Finding } from '../agents/validator/finding.js';
import { readQualityRequest, readSuccessCriteria } from '../agents/validator/quality-request.rules.js';
import { ValidationRules } from '../agents/validator/validation-rules.js';
import type { ValidationLevel } from '../planning/execution-settings.rules.js';
import { InputErrors } from '../planning/input-fields.rules.js';
import { readRequest, type ReadableRequest } from '../planning/inputs/request.rules.js';
import { JOINED_RESULTS } from '../run/results.sql.js';
import type { WorkflowRun } from '../run/workflow-run.js';

export interface Checked {
  readonly found: readonly Finding[];
  /** A rule of the request that blocks is among them. */
  readonly isRefused: boolean;
  readonly criteria: readonly string[];
}

type RequestRow = ReadableRequest & { readonly result: string };

/** A workflow's result as it stands, against the rules. Reads rows, so it is for the inside of steps only. */
@Injectable()
export class QualityReader {
  constructor(private readonly rules: ValidationRules) {}

  /** The text of an interaction's answer; undefined: the results of the run's subtasks, one after the other. */
  async result(sql: Sql, run: WorkflowRun, contentFrom: string | undefined): Promise<string> {
    const [row] = await sql.query<{ result: string }>(
      `SELECT coalesce((SELECT ${contentOf('i')} FROM llm_interactions i WHERE i.id = $2::uuid), ${JOINED_RESULTS}, '') AS result`,
      [run.thoughtId, contentFrom ?? null],
    );
    return row?.result ?? '';
  }

  async check(
    sql: Sql,
    run: WorkflowRun,
    contentFrom: string | undefined,
    level: ValidationLevel | undefined,
  ): Promise<Checked> {
    const [row] = await sql.query<RequestRow>(
      `SELECT w.input_type, w.content, w.inheritance, w.execution_context,
              coalesce((SELECT ${contentOf('i')} FROM llm_interactions i WHERE i.id = $2::uuid), ${JOINED_RESULTS}, '') AS result
         FROM workflows w WHERE w.id = $1`,
      [run.workflowId, contentFrom ?? null],
    );
    if (row === undefined) throw new Error(`Workflow ${run.workflowId} has no row.`);
    const errors = new InputErrors();
    const { customRules, outputFields } = readQualityRequest(row.execution_context ?? {}, errors);
    const { objective, successCriteria } = readRequest(row, errors).brief;
    const own = checkCustomRules(customRules, row.result);
    return {
      found: [...this.rules.check({ content: row.result, objective, outputFields }, level), ...own],
      isRefused: own.some(({ severity }) => severity === 'error'),
      criteria: readSuccessCriteria(successCriteria, errors),
    };
  }
}

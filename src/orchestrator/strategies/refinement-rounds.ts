import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.service.js';
import { derivedId } from '../../database/ids.js';
import type { Sql } from '../../database/sql.js';
import { storableJson } from '../../database/storable.js';
import { Durable } from '../../durable/durable.service.js';
import { Validator } from '../agents/validator/validator.js';
import type { Verdict } from '../agents/validator/verdict.rules.js';
import { QualityReader } from '../quality/quality-reader.js';
import type { AgentFailure, WorkflowRun } from '../run/workflow-run.js';

/** The rows of a refinement: each round a thought below the run's, with what the validator said of it. */
@Injectable()
export class RefinementRounds {
  constructor(
    private readonly database: Database,
    private readonly durable: Durable,
    private readonly validator: Validator,
    private readonly results: QualityReader,
  ) {}

  /** @returns the id of the round's thought */
  async begin(run: WorkflowRun, round: number): Promise<string> {
    const id = derivedId(run.thoughtId, 'round', round);
    const metadata = { round, kind: 'structured_execution', dependencies: [] };
    await this.durable.commit(`round-${round}:begin`, async (tx) => {
      await tx.query(
        `INSERT INTO thought_trees (id, parent_id, root_id, goal, depth, position, metadata)
         VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb)`,
        [id, run.thoughtId, run.workflowId, `Round ${round}`, run.depth + 1, round - 1, storableJson(metadata)],
      );
      if (run.depth > 0) return;
      await tx.query(`UPDATE workflows SET phase = 'executing', updated_at = now() WHERE id = $1`, [run.workflowId]);
    });
    return id;
  }

  /** The validator's verdict on a round's answer, which then stands with the round. */
  async judge(run: WorkflowRun, round: number, interactionId: string): Promise<Verdict | AgentFailure> {
    const level = run.settings.validationLevel ?? 'standard';
    const verdict = await this.validator.judge(run, {
      agentId: derivedId(run.thoughtId, 'round', round, 'validator'),
      purpose: `round-${round}:verdict`,
      output: () => this.results.result(this.database, run, interactionId),
      level,
      criteria: [],
      found: [],
      write: (tx, given) => this.show(tx, run, round, given),
    });
    if ('ok' in verdict) {
      const { code, message } = verdict;
      await this.durable.commit(`round-${round}:end`, (tx) => this.show(tx, run, round, { error: { code, message } }));
    }
    return verdict;
  }

  private async show(tx: Sql, run: WorkflowRun, round: number, verdict: object): Promise<void> {
    await tx.query(
      `UPDATE thought_trees SET metadata = metadata || jsonb_build_object('verdict', $2::jsonb), updated_at = now() WHERE id = $1`,
      [derivedId(run.thoughtId, 'round', round), storableJson(verdict)],
    );
  }
}

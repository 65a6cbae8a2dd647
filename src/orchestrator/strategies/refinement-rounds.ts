import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.service.js';
import { derivedId } from '../../database/ids.js';
import type { Transaction } from '../../database/sql.js';
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

  /** The first round. @returns whether each later one begins with the verdict that asks for it */
  async begin(run: WorkflowRun): Promise<boolean> {
    const begun = await this.durable.commit<{ withVerdicts: true } | null>('round-1:begin', (tx) => {
      this.add(tx, run, 1);
      if (run.depth === 0)
        tx.send(`UPDATE workflows SET phase = 'executing', updated_at = now() WHERE id = $1`, [run.workflowId]);
      return { withVerdicts: true };
    });
    // An older release, in which they do not, left no such mark.
    return begun?.withVerdicts === true;
  }

  /** A later round of a run that an older release began. */
  async beginNext(run: WorkflowRun, round: number): Promise<void> {
    await this.durable.commit(`round-${round}:begin`, (tx) => this.add(tx, run, round));
  }

  /**
   * The validator's verdict on a round's answer, which then stands with the round.
   * @param goesOn whether another round follows that verdict
   */
  async judge(
    run: WorkflowRun,
    round: number,
    interactionId: string,
    goesOn: (verdict: Verdict) => boolean,
  ): Promise<Verdict | AgentFailure> {
    const level = run.settings.validationLevel ?? 'standard';
    const verdict = await this.validator.judge(run, {
      agentId: derivedId(run.thoughtId, 'round', round, 'validator'),
      purpose: `round-${round}:verdict`,
      output: () => this.results.result(this.database, run, interactionId),
      level,
      criteria: [],
      found: [],
      write: (tx, given) => {
        this.show(tx, run, round, given);
        if (goesOn(given)) this.add(tx, run, round + 1);
      },
    });
    if ('ok' in verdict) {
      const { code, message } = verdict;
      await this.durable.commit(`round-${round}:end`, (tx) => this.show(tx, run, round, { error: { code, message } }));
    }
    return verdict;
  }

  private add(tx: Transaction, run: WorkflowRun, round: number): void {
    const metadata = { round, kind: 'structured_execution', dependencies: [] };
    tx.send(
      `INSERT INTO thought_trees (id, parent_id, root_id, goal, depth, position, metadata)
       VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb) ON CONFLICT (id) DO NOTHING`,
      [
        thoughtOf(run, round),
        run.thoughtId,
        run.workflowId,
        `Round ${round}`,
        run.depth + 1,
        round - 1,
        storableJson(metadata),
      ],
    );
  }

  private show(tx: Transaction, run: WorkflowRun, round: number, verdict: object): void {
    tx.send(
      `UPDATE thought_trees SET metadata = metadata || jsonb_build_object('verdict', $2::jsonb), updated_at = now() WHERE id = $1`,
      [thoughtOf(run, round), storableJson(verdict)],
    );
  }
}

/** The id of a round's thought. */
export const thoughtOf = (run: WorkflowRun, round: number): string => derivedId(run.thoughtId, 'round', round);

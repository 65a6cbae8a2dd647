import { Injectable, Logger } from '@nestjs/common';
import { stackOf } from '../../config/error-code.js';
import type { Transaction } from '../../database/sql.js';
import type { Evidence, Motivation, Outlook, Proposal } from '../motivations/motivation.js';
import { MotivationRegistry } from '../motivations/motivation-registry.js';
import type { StateRow } from '../states/state-rows.js';
import { Spawner } from '../tasks/spawner.js';
import type { Deadline } from './deadline.js';
import { failureText } from './failure.rules.js';
import { observedOf } from './observed.rules.js';

const LOOK_MS = 3_000;

/** A motivation, and what an evaluation found of it. */
export interface Observation {
  readonly row: StateRow;
  readonly motivation: Motivation;
  /** Undefined: nobody looked, or in vain. */
  readonly evidence: Evidence | undefined;
  /** 0..1 */
  readonly boost: number;
  /** What would help; undefined: there is no reason, or nothing that NYX could do. */
  readonly proposal?: Proposal;
  /** Why what it proposes may not be sent. */
  readonly veto?: string;
  /** Why it could not be looked at, or propose anything. */
  readonly error?: string;
}

/** Asks every motivation for its evidence. */
@Injectable()
export class Observations {
  private readonly logger = new Logger(Observations.name);

  constructor(
    private readonly motivations: MotivationRegistry,
    private readonly spawner: Spawner,
  ) {}

  /**
   * Of all motivations that this NYX has. What is not active is not looked at: deactivating is also the way around a condition that is
   * slow or broken. One that fails does not keep the others from being looked at.
   */
  async of(tx: Transaction, rows: readonly StateRow[], outlook: Outlook, deadline: Deadline): Promise<Observation[]> {
    const observations: Observation[] = [];
    await tx.query('SAVEPOINT look');
    for (const row of rows) {
      const motivation = this.motivations.find(row.type);
      if (motivation === undefined) continue;
      if (row.isActive) observations.push(await this.look(tx, row, motivation, outlook, deadline));
      else observations.push({ row, motivation, evidence: undefined, boost: 0 });
    }
    await tx.query('RELEASE SAVEPOINT look');
    return observations;
  }

  private async look(
    tx: Transaction,
    row: StateRow,
    motivation: Motivation,
    outlook: Outlook,
    deadline: Deadline,
  ): Promise<Observation> {
    deadline.check();
    const observed = await deadline
      .part('Its condition', LOOK_MS, tx, async (sql) => {
        const found = observedOf(motivation, await motivation.look(sql, outlook), outlook);
        return { ...found, veto: found.proposal && this.spawner.veto(found.proposal) };
      })
      .catch((error: unknown) => {
        this.logger.warn(`The condition of ${row.type} could not be looked at: ${stackOf(error)}`);
        return { evidence: undefined, boost: 0, error: failureText(error) };
      });
    // Looks only read; a statement that failed leaves the transaction unusable until then.
    await tx.query('ROLLBACK TO SAVEPOINT look');
    return { row, motivation, ...observed };
  }
}

import { Injectable, Logger } from '@nestjs/common';
import { isConnectionError } from '../../database/connection-errors.js';
import type { Transaction } from '../../database/sql.js';
import type { Considered, Rejection, RejectionReason } from '../dynamics/dynamics.types.js';
import { discharged } from '../dynamics/evolution.rules.js';
import type { Outlook } from '../motivations/motivation.js';
import { Spawner } from '../tasks/spawner.js';
import type { Deadline } from './deadline.js';
import type { Outcome } from './decision-record.js';
import type { EngineConfig } from './engine-config.js';
import { failureText } from './failure.rules.js';
import type { Observation } from './observations.js';

export interface SpawningContext {
  readonly config: EngineConfig;
  readonly outlook: Outlook;
  readonly deadline: Deadline;
  /** By type, in one order. */
  readonly observed: ReadonlyMap<string, Observation>;
  readonly considered: ReadonlyMap<string, Considered>;
}

/** What became of a motivation that was chosen. */
type Spawned = { readonly taskId: string } | { readonly rejection: Rejection };

/** Gives the chosen motivations their tasks. */
@Injectable()
export class Spawning {
  private readonly logger = new Logger(Spawning.name);

  constructor(private readonly spawner: Spawner) {}

  /** In the order of what was considered; the first chosen is served first. */
  async of(tx: Transaction, chosen: readonly string[], context: SpawningContext): Promise<Outcome[]> {
    const spawned = new Map<string, Spawned>();
    for (const type of chosen) {
      context.deadline.check();
      spawned.set(type, await this.serve(tx, type, context));
    }
    return [...context.considered.values()].map((considered) =>
      outcomeOf(considered, context.observed.get(considered.type), spawned.get(considered.type), context.outlook.now),
    );
  }

  private async serve(tx: Transaction, type: string, context: SpawningContext): Promise<Spawned> {
    const observation = context.observed.get(type);
    const considered = context.considered.get(type);
    if (observation?.evidence === undefined || observation.proposal === undefined || considered === undefined) {
      throw new Error(`${type} was chosen without anything to do.`);
    }
    const { row: state, motivation, evidence, proposal } = observation;
    const target = { type, target: proposal.target, taskId: null, seconds: motivation.targetCooldownSeconds };
    const veto = this.spawner.veto(proposal);
    if (veto !== undefined) {
      await this.spawner.take(tx, target);
      return rejected('vetoed', veto);
    }
    const { config, outlook } = context;
    const order = { state, motivation, proposal, evidence, considered, config, now: outlook.now };
    try {
      return { taskId: await tx.nested(() => this.spawner.spawn(tx, order)) };
    } catch (error) {
      if (isConnectionError(error)) throw error;
      await this.spawner.take(tx, target);
      return this.failed(type, 'get its task', error);
    }
  }

  private failed(type: string, what: string, error: unknown): Spawned {
    this.logger.warn(
      `${type} could not ${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
    return rejected('error', failureText(error));
  }
}

const rejected = (reason: RejectionReason, detail: string): Spawned => ({ rejection: { reason, detail } });

function outcomeOf(
  considered: Considered,
  observation: Observation | undefined,
  spawned: Spawned | undefined,
  now: Date,
): Outcome {
  const evidence = observation?.evidence;
  if (spawned === undefined) return { considered, evidence, taskId: undefined };
  if ('rejection' in spawned) {
    return { considered: { ...considered, rejections: [spawned.rejection] }, evidence, taskId: undefined };
  }
  return {
    considered: { ...considered, after: discharged(considered.after, now) },
    evidence,
    taskId: spawned.taskId,
  };
}

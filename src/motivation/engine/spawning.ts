import { Injectable, Logger } from '@nestjs/common';
import { stackOf } from '../../config/error-code.js';
import { isConnectionError } from '../../database/connection-errors.js';
import type { Transaction } from '../../database/sql.js';
import { decide } from '../dynamics/decision.rules.js';
import type { Considered, Rejection, Situation, Subject } from '../dynamics/dynamics.types.js';
import { discharged } from '../dynamics/evolution.rules.js';
import type { Outlook } from '../motivations/motivation.js';
import { Spawner, type TakenTarget } from '../tasks/spawner.js';
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
}

/** What became of a motivation that was chosen. */
type Spawned = { readonly taskId: string } | { readonly refusal: Rejection };

/** Chooses motivations and gives them their tasks. */
@Injectable()
export class Spawning {
  private readonly logger = new Logger(Spawning.name);

  constructor(private readonly spawner: Spawner) {}

  /**
   * In the order of the subjects; the first chosen is served first. What fails then is decided upon again without it, so that its place
   * goes to another, and nobody is told of a place that nobody took. Those who were served before it stay chosen: it came after them.
   */
  async of(tx: Transaction, situation: Situation, context: SpawningContext): Promise<Outcome[]> {
    const taskIds = new Map<string, string>();
    let subjects: readonly Subject[] = situation.subjects;
    for (;;) {
      context.deadline.check();
      const { considered, chosen } = decide({ ...situation, subjects });
      const type = chosen.find((each) => !taskIds.has(each));
      const next = considered.find((one) => one.type === type);
      if (next === undefined) return await this.outcomes(tx, considered, taskIds, context);
      const spawned = await this.serve(tx, next, context);
      if ('taskId' in spawned) taskIds.set(next.type, spawned.taskId);
      else subjects = subjects.map((one) => (one.type === next.type ? { ...one, refusal: spawned.refusal } : one));
    }
  }

  private async serve(tx: Transaction, considered: Considered, context: SpawningContext): Promise<Spawned> {
    const { type } = considered;
    const observation = context.observed.get(type);
    if (observation?.evidence === undefined || observation.proposal === undefined) {
      throw new Error(`${type} was chosen without anything to do.`);
    }
    const { row: state, motivation, evidence, proposal } = observation;
    const { config, outlook } = context;
    const order = { state, motivation, proposal, evidence, considered, config, now: outlook.now };
    try {
      return { taskId: await tx.nested(() => this.spawner.spawn(tx, order)) };
    } catch (error) {
      if (isConnectionError(error)) throw error;
      this.logger.warn(`${type} could not get its task: ${stackOf(error)}`);
      return { refusal: { reason: 'error', detail: failureText(error) } };
    }
  }

  /** What could have had a task but for its proposal comes to its next one: this target is taken. */
  private async outcomes(
    tx: Transaction,
    considered: readonly Considered[],
    taskIds: ReadonlyMap<string, string>,
    { observed, outlook }: SpawningContext,
  ): Promise<Outcome[]> {
    for (const one of considered) {
      const target = refusedTarget(one, observed.get(one.type));
      if (target !== undefined) await this.spawner.take(tx, target);
    }
    return considered.map((one) => outcomeOf(one, observed.get(one.type), taskIds.get(one.type), outlook.now));
  }
}

function refusedTarget(
  { type, rejections }: Considered,
  observation: Observation | undefined,
): TakenTarget | undefined {
  const isRefused = rejections.every(({ reason }) => reason === 'vetoed' || reason === 'error');
  if (rejections.length === 0 || !isRefused || observation?.proposal === undefined) return undefined;
  return { type, target: observation.proposal.target, seconds: observation.motivation.targetCooldownSeconds };
}

function outcomeOf(
  considered: Considered,
  observation: Observation | undefined,
  taskId: string | undefined,
  now: Date,
): Outcome {
  const after = taskId === undefined ? considered.after : discharged(considered.after, now);
  return { considered: { ...considered, after }, evidence: observation?.evidence, taskId };
}

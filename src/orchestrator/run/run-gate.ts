import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.service.js';
import { derivedId } from '../../database/ids.js';
import type { Sql } from '../../database/sql.js';
import type { EffectContext } from '../../durable/durable.types.js';
import { EventFeed } from '../../events/event-feed.js';
import { Problem } from '../../http/problem.js';
import { inRetry } from '../../telemetry/work-context.js';
import { untilNews } from './wake.js';

/** Notifications may be lost: without one a paused workflow is looked at this often. */
const LOOK_MS = 1_000;
/** The deadline moves when people let the clock stand still: it is looked at again this often at the latest. */
const LONGEST_TIMER_MS = 3_600_000;

interface GateRow {
  readonly is_paused: boolean;
  readonly is_stopped: boolean;
  readonly retries: number;
  readonly is_thrifty: boolean;
  /** Null: no time limit. */
  readonly left_ms: number | null;
}

/** What an effect of a workflow works with. */
export interface GatedContext extends EffectContext {
  /** Most of the workflow's budget is used. */
  readonly isThrifty: boolean;
}

/** Why a signal was aborted at the workflow's deadline. */
const TIME_IS_OVER = Symbol('time is over');

/**
 * What every effect of a workflow passes before it begins: a pause holds it back, a deadline refuses it and ends it in flight. It keeps
 * no checkpoint of its own: a step that is entered again looks again.
 */
@Injectable()
export class RunGate {
  constructor(
    private readonly database: Database,
    private readonly feed: EventFeed,
  ) {}

  /**
   * Runs `effect` with signals that abort at the deadline, and the step's key: after a retry another one, so that nothing is answered
   * from what failed.
   * @param onHold hears that it has to wait, perhaps for days
   * @throws Problem TIME_LIMIT
   */
  async run<T>(
    workflowId: string,
    context: EffectContext,
    effect: (context: GatedContext) => Promise<T>,
    onHold: () => void = () => undefined,
  ): Promise<T> {
    const { row, stepKey } = await this.pass(workflowId, context, onHold);
    const [signal, idleSignal] = [new AbortController(), new AbortController()];
    const followers = [follow(context.signal, signal), follow(context.idleSignal, idleSignal)];
    const end = (): void => [signal, idleSignal].forEach((each) => each.abort(TIME_IS_OVER));
    const timer = this.timer(workflowId, row.left_ms, end);
    try {
      const { is_thrifty: isThrifty } = row;
      const gated = { ...context, stepKey, signal: signal.signal, idleSignal: idleSignal.signal, isThrifty };
      return await inRetry(row.retries, () => effect(gated));
    } catch (error) {
      if (signal.signal.reason === TIME_IS_OVER && !(error instanceof Problem)) throw timeLimit();
      throw error;
    } finally {
      timer.stop();
      followers.forEach((unfollow) => unfollow());
    }
  }

  /** The key of a step with the retry that it belongs to. */
  async keyOf(workflowId: string, stepKey: string): Promise<string> {
    return keyIn(await this.look(workflowId), stepKey);
  }

  /** Whether a pause holds the workflow. Its row stays locked, so that no pause comes between this and what the transaction does. */
  async isHeld(tx: Sql, workflowId: string): Promise<boolean> {
    const [row] = await tx.query<{ is_paused: boolean }>(
      'SELECT paused_at IS NOT NULL AS is_paused FROM workflows WHERE id = $1 FOR NO KEY UPDATE',
      [workflowId],
    );
    if (row === undefined) throw new Error(`Workflow ${workflowId} has no row.`);
    return row.is_paused;
  }

  /** Waits while the workflow is paused, whatever its deadline. For the inside of a step. */
  async untilResumed(workflowId: string, context: EffectContext): Promise<void> {
    while ((await this.look(workflowId)).is_paused) await this.untilNews(workflowId, context);
  }

  private untilNews(workflowId: string, { idleSignal, whileWaiting }: EffectContext): Promise<void> {
    return whileWaiting(() => untilNews(this.feed, workflowId, LOOK_MS, idleSignal));
  }

  /** Waits while the workflow is paused. */
  private async pass(
    workflowId: string,
    context: EffectContext,
    onHold: () => void,
  ): Promise<{ row: GateRow; stepKey: string }> {
    for (;;) {
      const row = await this.look(workflowId);
      const stepKey = keyIn(row, context.stepKey);
      if (row.left_ms !== null && row.left_ms <= 0 && !(await this.hasEnded(workflowId, stepKey))) throw timeLimit();
      if (!row.is_paused) return { row, stepKey };
      onHold();
      await this.untilNews(workflowId, context);
    }
  }

  private async look(workflowId: string): Promise<GateRow> {
    const [row] = await this.database.query<GateRow>(
      `SELECT paused_at IS NOT NULL AS is_paused, clock_stopped_at IS NOT NULL AS is_stopped, retries,
              coalesce((pace->>'isThrifty')::boolean, false) AS is_thrifty,
              (extract(epoch FROM deadline_at - coalesce(clock_stopped_at, clock_timestamp())) * 1000)::float8 AS left_ms
         FROM workflows WHERE id = $1`,
      [workflowId],
    );
    if (row === undefined) throw new Error(`Workflow ${workflowId} has no row.`);
    return row;
  }

  /** Whether an earlier run of the step brought what only has to be read: that takes no time and costs nothing. */
  private async hasEnded(workflowId: string, stepKey: string): Promise<boolean> {
    const rows = await this.database.query(
      `SELECT 1 FROM llm_interactions WHERE workflow_id = $1 AND step_key = $2 AND status = 'succeeded'
       UNION ALL SELECT 1 FROM tool_executions WHERE id = $3 AND is_reported`,
      [workflowId, stepKey, derivedId('tool', stepKey)],
    );
    return rows.length > 0;
  }

  private timer(workflowId: string, leftMs: number | null, end: () => void): { stop: () => void } {
    let timer: NodeJS.Timeout | undefined;
    let isStopped = leftMs === null;
    const lookAgain = async (): Promise<void> => {
      // Where the database is away nobody knows better.
      const row = await this.look(workflowId).catch(() => undefined);
      if (isStopped) return;
      const now = row?.left_ms ?? LOOK_MS;
      if (row !== undefined && now <= 0) end();
      else arm(row?.is_stopped === true ? Math.max(now, LOOK_MS) : now);
    };
    const arm = (ms: number): void => {
      timer = setTimeout(() => void lookAgain(), Math.min(Math.max(ms, 1), LONGEST_TIMER_MS));
    };
    if (leftMs !== null && leftMs > 0) arm(leftMs);
    return {
      stop: () => {
        isStopped = true;
        clearTimeout(timer);
      },
    };
  }
}

const keyIn = ({ retries }: GateRow, stepKey: string): string =>
  retries === 0 ? stepKey : `${stepKey}/retry-${retries}`;

function follow(outer: AbortSignal, inner: AbortController): () => void {
  const abort = (): void => inner.abort(outer.reason);
  outer.addEventListener('abort', abort, { once: true });
  if (outer.aborted) abort();
  return () => outer.removeEventListener('abort', abort);
}

const timeLimit = (): Problem =>
  new Problem(
    'TIME_LIMIT',
    'The time of this workflow, resource_limits.max_execution_time_minutes, was over before this was done.',
  );

import { LONGEST_BACK_OFF_SECONDS, type EngineConfig } from './engine-config.js';
import type { EngineRow } from './engine-rows.js';

/** Evidence that is found stands for this much of the past even when evaluations are frequent. */
const LEAST_EVIDENCED_SECONDS = 300;

type Interval = Pick<EngineConfig, 'evaluationIntervalSeconds'>;

/** Until the next evaluation after one that failed. */
export const backOffSeconds = ({ evaluationIntervalSeconds }: Interval): number =>
  Math.min(2 * evaluationIntervalSeconds, LONGEST_BACK_OFF_SECONDS);

export interface Span {
  /** Since time and evidence were last put into the states; 0 where a clock was set back. */
  readonly elapsedSeconds: number;
  /** The last part of it, for which what is found now stands: while nobody looked, nobody knows. */
  readonly evidencedSeconds: number;
}

export function spanOf(evolvedAt: Date, now: Date, { evaluationIntervalSeconds }: Interval): Span {
  const elapsedSeconds = Math.max(0, (now.getTime() - evolvedAt.getTime()) / 1_000);
  const longest = Math.max(2 * evaluationIntervalSeconds, LEAST_EVIDENCED_SECONDS);
  return { elapsedSeconds, evidencedSeconds: Math.min(elapsedSeconds, longest) };
}

/** When a running engine evaluates next once it has another interval: that much after it last tried. */
export function rescheduledAt(engine: EngineRow, changed: Interval): Date | null {
  const { startedAt, lastEvaluationAt, lastErrorAt, nextEvaluationAt, errorsInRow } = engine;
  if (changed.evaluationIntervalSeconds === engine.evaluationIntervalSeconds) return nextEvaluationAt;
  const triedMs = Math.max(lastEvaluationAt?.getTime() ?? 0, lastErrorAt?.getTime() ?? 0);
  if (triedMs < startedAt.getTime()) return nextEvaluationAt;
  const pauseSeconds = errorsInRow > 0 ? backOffSeconds(changed) : changed.evaluationIntervalSeconds;
  return new Date(triedMs + pauseSeconds * 1_000);
}

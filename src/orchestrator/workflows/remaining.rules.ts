import type { StoredEstimate } from '../planning/estimate.rules.js';
import { progressAt } from '../run/progress.rules.js';

/** Fewer agents say nothing of how long the next will take. */
const ENOUGH_AGENTS = 3;

export interface SoFar {
  /** Percent. */
  readonly progress: number;
  /** For how long it has worked, without pauses and waits for people, in ms; undefined before its start. */
  readonly workedMs: number | undefined;
  /** What is done was not all done in this time. */
  readonly isRetried: boolean;
  readonly estimate: Pick<StoredEstimate, 'basis' | 'duration_ms' | 'duration_error_ms'> | null;
  /** Those that completed: how many, how long one took in the mean, and by how much that varies (standard deviation); in ms. */
  readonly agents: { readonly completed: number; readonly meanMs: number; readonly deviationMs: number };
}

/** Of its work, in ms; `errorMs` is about one standard deviation of it. */
export interface Remaining {
  readonly ms: number;
  readonly errorMs: number;
}

/** The surer of what its pace and what its class says; undefined where neither says anything. */
export function remainingOf(soFar: SoFar): Remaining | undefined {
  const [surest] = [byPace(soFar), byHistory(soFar)]
    .filter((found) => found !== undefined)
    .toSorted((one, other) => one.errorMs - other.errorMs);
  return surest && { ms: Math.round(surest.ms), errorMs: Math.round(surest.errorMs) };
}

/**
 * The rest takes as long per percent as what is done. Its error is ms × (deviation / mean) × √(1/n + 1/m), agents taken as independent:
 * 1/n is that of the mean of the n that completed, 1/m that of the sum of the m to come.
 * @returns undefined after a retry, before the plan is executed, and while too few agents have completed
 */
function byPace({ progress, workedMs, isRetried, agents }: SoFar): Remaining | undefined {
  const { completed, meanMs, deviationMs } = agents;
  if (isRetried || workedMs === undefined || progress <= progressAt('executing') || completed < ENOUGH_AGENTS)
    return undefined;
  if (meanMs <= 0) return undefined;
  const times = (100 - progress) / progress;
  const toCome = Math.max(1, completed * times);
  const ms = workedMs * times;
  return { ms, errorMs: ms * (deviationMs / meanMs) * Math.sqrt(1 / completed + 1 / toCome) };
}

/** As long as workflows of its class took; unknown once it takes longer than is usual for them. */
function byHistory({ workedMs = 0, isRetried, estimate }: SoFar): Remaining | undefined {
  if (isRetried || estimate?.basis.kind !== 'history') return undefined;
  const { duration_ms: duration, duration_error_ms: error = null } = estimate;
  if (duration === null || error === null || workedMs > duration + error) return undefined;
  return { ms: Math.max(0, duration - workedMs), errorMs: error };
}

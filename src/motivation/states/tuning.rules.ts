import type { FieldError } from '../../http/problem.js';
import type { MotivationState } from '../dynamics/dynamics.types.js';

/** What an admin sets; levels 0..1, the decay rate 0..1 in 30 s, the boost factor 0..5. */
export interface Tuning {
  readonly isActive?: boolean;
  readonly decayRate?: number;
  readonly boostFactor?: number;
  readonly maxUrgency?: number;
  readonly minSatisfaction?: number;
  readonly urgency?: number;
  readonly satisfaction?: number;
}

/**
 * The motivation as it was tuned: rates become what they relax to as well, and levels that are beyond a bound that was moved go to it.
 * A level that was set beyond a bound is an error.
 */
export function tuned<State extends MotivationState>(state: State, tuning: Tuning): State | FieldError {
  const { maxUrgency = state.maxUrgency, minSatisfaction = state.minSatisfaction } = tuning;
  if (tuning.urgency !== undefined && tuning.urgency > maxUrgency) {
    return { field: 'urgency', message: `must not be over its max_urgency, ${maxUrgency}` };
  }
  if (tuning.satisfaction !== undefined && tuning.satisfaction < minSatisfaction) {
    return { field: 'satisfaction', message: `must not be under its min_satisfaction, ${minSatisfaction}` };
  }
  return {
    ...state,
    isActive: tuning.isActive ?? state.isActive,
    decayRate: tuning.decayRate ?? state.decayRate,
    baseDecayRate: tuning.decayRate ?? state.baseDecayRate,
    boostFactor: tuning.boostFactor ?? state.boostFactor,
    baseBoostFactor: tuning.boostFactor ?? state.baseBoostFactor,
    maxUrgency,
    minSatisfaction,
    urgency: Math.min(tuning.urgency ?? state.urgency, maxUrgency),
    satisfaction: Math.max(tuning.satisfaction ?? state.satisfaction, minSatisfaction),
  };
}

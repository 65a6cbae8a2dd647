import type { MotivationState } from './dynamics.types.js';

/** Rates are per this much elapsed time. */
const RATE_SECONDS = 30;
const SATISFACTION_HALF_LIFE_SECONDS = 6 * 3_600;
const RATES_HALF_LIFE_SECONDS = 24 * 3_600;
const DISCHARGED_TO = 0.3;
/** After which nothing is left to change; keeps endless times out of the sums. */
const FOREVER_SECONDS = 1e10;

export interface Passed {
  readonly elapsedSeconds: number;
  /** For how long, up to now, the evidence held; more than `elapsedSeconds` counts as `elapsedSeconds`. */
  readonly evidencedSeconds: number;
  /** What the condition adds to urgency in 30 s, before the boost factor; 0..1. */
  readonly boost: number;
}

/**
 * A motivation after some time: urgency ← clamp(urgency + (boost × boost factor − decay rate) × Δt / 30 s, 0, max urgency), satisfaction
 * relaxes to its least with a half-life of 6 h, boost factor and decay rate to their bases with one of 24 h. The rates are integrated
 * over their own relaxing, so one long step gives what many short ones do. A clock that was set back, or an unknown time, is no time.
 */
export function evolved(state: MotivationState, { elapsedSeconds, evidencedSeconds, boost }: Passed): MotivationState {
  const elapsed = elapsedSeconds > 0 ? Math.min(elapsedSeconds, FOREVER_SECONDS) : 0;
  const evidenced = evidencedSeconds > 0 ? Math.min(elapsed, evidencedSeconds) : 0;
  return passed(passed(state, elapsed - evidenced, 0), evidenced, boost);
}

/** A boost by hand: immediate and whole. No cooldown begins. */
export function boostedByHand(state: MotivationState, amount: number): MotivationState {
  return { ...state, urgency: clamp(state.urgency + amount * state.boostFactor, 0, state.maxUrgency) };
}

/** After a task of it was spawned. */
export function discharged(state: MotivationState, now: Date): MotivationState {
  return { ...state, urgency: state.urgency * DISCHARGED_TO, lastTriggeredAt: now };
}

export const clamp = (value: number, least: number, most: number): number =>
  value > most ? most : value < least ? least : value;

function passed(state: MotivationState, seconds: number, boost: number): MotivationState {
  if (seconds === 0) return { ...state, urgency: clamp(state.urgency, 0, state.maxUrgency) };
  const { boostFactor, baseBoostFactor, decayRate, baseDecayRate, minSatisfaction } = state;
  const change =
    boost * integralOf(boostFactor, baseBoostFactor, seconds) - integralOf(decayRate, baseDecayRate, seconds);
  return {
    ...state,
    urgency: clamp(state.urgency + change / RATE_SECONDS, 0, state.maxUrgency),
    satisfaction: relaxed(state.satisfaction, minSatisfaction, seconds, SATISFACTION_HALF_LIFE_SECONDS),
    boostFactor: relaxed(boostFactor, baseBoostFactor, seconds, RATES_HALF_LIFE_SECONDS),
    decayRate: relaxed(decayRate, baseDecayRate, seconds, RATES_HALF_LIFE_SECONDS),
  };
}

const relaxed = (value: number, base: number, seconds: number, halfLife: number): number =>
  base + (value - base) * 2 ** (-seconds / halfLife);

/** Of a rate that relaxes to its base, over the time; rate × seconds. Both parts are 0 or more, or rounding could turn more boost into less urgency. */
function integralOf(rate: number, base: number, seconds: number): number {
  const perSecond = Math.LN2 / RATES_HALF_LIFE_SECONDS;
  const atRate = Math.min(seconds, -Math.expm1(-perSecond * seconds) / perSecond);
  return rate * atRate + base * (seconds - atRate);
}

import { Decimal } from 'decimal.js';
import type { DayBudget } from '../../src/motivation/dynamics/day-budget.rules.js';
import type { MotivationState, Situation, Subject } from '../../src/motivation/dynamics/dynamics.types.js';
import { NOW, stateOf } from './motivation-states.js';

/** Eligible: scores 0.5 × 0.8 = 0.4, and evidence holds urgency where it is. */
export const subject = (type: string, state: Partial<MotivationState> = {}, more: Partial<Subject> = {}): Subject => ({
  type,
  category: type,
  state: stateOf(state),
  boost: 0.1,
  cooldownSeconds: 900,
  hasActiveTask: false,
  ...more,
});

export const situation = (subjects: readonly Subject[], more: Partial<Situation> = {}): Situation => ({
  now: NOW,
  elapsedSeconds: 0,
  evidencedSeconds: 0,
  minArbitrationThreshold: 0.3,
  maxConcurrentTasks: 3,
  activeTasks: 0,
  dayBudget: undefined,
  taskBudgetUsd: undefined,
  subjects,
  ...more,
});

export const dayOf = (leftUsd: number, limitUsd = 5): DayBudget => ({
  limitUsd: new Decimal(limitUsd),
  leftUsd: new Decimal(leftUsd),
});

import type { Decimal } from 'decimal.js';
import type { OutcomeCategory } from '../tasks/motivational-task.values.js';
import type { DayBudget } from './day-budget.rules.js';

/** What is known of a motivation; levels and rates 0..1, rates per 30 s of elapsed time. */
export interface MotivationState {
  readonly urgency: number;
  readonly satisfaction: number;
  readonly decayRate: number;
  readonly boostFactor: number;
  readonly maxUrgency: number;
  /** Satisfaction relaxes to this. */
  readonly minSatisfaction: number;
  /** What decay rate and boost factor relax to: the defaults, or what an admin tuned. */
  readonly baseDecayRate: number;
  readonly baseBoostFactor: number;
  readonly isActive: boolean;
  readonly totalAttempts: number;
  readonly successCount: number;
  readonly failureCount: number;
  /** 0..1; 0 without attempts. */
  readonly successRate: number;
  /** When its last task was spawned; boosts do not count. */
  readonly lastTriggeredAt: Date | null;
  /** When a task of it last succeeded. */
  readonly lastSatisfiedAt: Date | null;
}

/** The parts of the score, as decisions show them. */
export interface Factors {
  readonly urgency: number;
  readonly satisfaction: number;
  /** s: 0.5..1 */
  readonly success: number;
  /** t: 1..1.5 */
  readonly time: number;
}

/** Why a motivation was not chosen. */
export const REJECTIONS = [
  'inactive',
  'no_evidence',
  'threshold',
  'active_task',
  'cooldown',
  'success_rate',
  'category',
  'capacity',
  'budget',
  'nothing_to_do',
  'vetoed',
  'error',
] as const;
export type RejectionReason = (typeof REJECTIONS)[number];

export interface Rejection {
  readonly reason: RejectionReason;
  /** One sentence with the numbers. */
  readonly detail: string;
}

/** One motivation as an evaluation found it. */
export interface Considered {
  readonly type: string;
  readonly category: string;
  readonly before: MotivationState;
  /** After decay, boost and relaxing; not yet discharged. */
  readonly after: MotivationState;
  /** Of the condition, before the boost factor. */
  readonly boost: number;
  readonly factors: Factors;
  /** 0..1 */
  readonly score: number;
  /** Empty: chosen. All that apply, in the order of REJECTIONS. */
  readonly rejections: readonly Rejection[];
  /** The most that its task may cost; undefined: no limit, or not chosen. */
  readonly maxCostUsd?: Decimal;
}

/** What an evaluation knows of one motivation before it thinks. */
export interface Subject {
  readonly type: string;
  readonly category: string;
  readonly state: MotivationState;
  /** 0: the condition does not hold. */
  readonly boost: number;
  readonly cooldownSeconds: number;
  readonly hasActiveTask: boolean;
  /** It proposes nothing about its evidence: it must not take a place from those that would. */
  readonly hasNothingToDo?: boolean;
  /** Why what it proposes cannot be done: it must not take a place either. */
  readonly refusal?: Rejection;
  /** Set when its condition could not be looked at, or nothing be proposed about it. */
  readonly error?: string;
}

export interface Situation {
  readonly now: Date;
  /** Since the last evaluation or start. */
  readonly elapsedSeconds: number;
  /** What of that the evidence stands for; the rest of it passed without anybody looking, and counts as without evidence. */
  readonly evidencedSeconds: number;
  readonly minArbitrationThreshold: number;
  readonly maxConcurrentTasks: number;
  readonly activeTasks: number;
  /** Undefined: autonomous work has no limit of a day. */
  readonly dayBudget: DayBudget | undefined;
  /** The most that one task may cost of any day; undefined: no limit. */
  readonly taskBudgetUsd: Decimal | undefined;
  readonly subjects: readonly Subject[];
}

/** What became of a motivated workflow. */
export interface TaskEnd {
  readonly status: 'completed' | 'failed' | 'cancelled';
  /** Wall clock of the workflow; null: it never began. */
  readonly durationMs: number | null;
  readonly costUsd: number;
  readonly maxCostUsd: number | null;
  readonly agents: number;
  readonly failedAgents: number;
}

export interface Feedback {
  /** 0..1 */
  readonly outcomeScore: number;
  readonly category: OutcomeCategory;
  /** What was added to the satisfaction after weighing and clamping, -1..1. */
  readonly satisfactionGain: number;
  readonly state: MotivationState;
}

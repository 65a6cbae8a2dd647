import { Decimal } from 'decimal.js';
import type { DayBudget } from '../../src/motivation/dynamics/day-budget.rules.js';
import { decide } from '../../src/motivation/dynamics/decision.rules.js';
import type { MotivationState, RejectionReason, TaskEnd } from '../../src/motivation/dynamics/dynamics.types.js';
import { discharged } from '../../src/motivation/dynamics/evolution.rules.js';
import { feedbackOf } from '../../src/motivation/dynamics/feedback.rules.js';
import type { Motivation } from '../../src/motivation/motivations/motivation.js';

/** Of a motivation only what does not look at a database. */
export type SimulatedMotivation = Pick<
  Motivation,
  'type' | 'category' | 'defaults' | 'cooldownSeconds' | 'satisfactionChange'
>;

/** How a task goes in a world: what it would cost if it were let. */
export interface Outcome {
  readonly status: TaskEnd['status'];
  readonly minutes: number;
  readonly costUsd: number;
  readonly agents?: number;
  readonly failedAgents?: number;
}

/** What a script makes of the world; hours count from the start of the simulation, which is midnight UTC. */
export interface World {
  readonly name: string;
  /** Of the condition of a motivation, before the boost factor; 0: it does not hold. */
  boost(type: string, hour: number): number;
  /** @param attempt of this motivation, from 0 */
  outcome(type: string, hour: number, attempt: number): Outcome;
  /** Whether the engine is there to evaluate. Default: always. */
  isUp?(hour: number): boolean;
  /** What differs from its defaults when the simulation begins. */
  initially?(type: string): Partial<MotivationState>;
}

export interface Rules {
  readonly hours: number;
  readonly intervalSeconds: number;
  readonly threshold: number;
  readonly maxConcurrentTasks: number;
  readonly workflowBudgetUsd: number;
  /** For a UTC day; Infinity: no limit. */
  readonly dailyBudgetUsd: number;
}

export interface SimulatedTask {
  readonly type: string;
  readonly beganHour: number;
  readonly endHour: number;
  readonly score: number;
  readonly boost: number;
  readonly maxCostUsd: number;
  /** What it cost, never more than it was allowed. */
  readonly end: TaskEnd;
}

export interface Life {
  readonly type: string;
  readonly state: MotivationState;
  /** Greatest urgency of each day. */
  readonly urgencyByDay: readonly number[];
  readonly rejections: ReadonlyMap<RejectionReason, number>;
  /** Longest time in which the engine saw its condition hold and gave it no task, its last task having ended. */
  readonly longestWaitHours: number;
}

export interface Simulation {
  readonly evaluations: number;
  readonly tasks: readonly SimulatedTask[];
  readonly lives: readonly Life[];
}

const START = Date.UTC(2026, 10, 1);
const HOUR_MS = 3_600_000;
const dayOf = (hour: number): number => Math.floor(hour / 24);

/** The engine's evaluations over the same pure rules, with a clock that is only counted and a world that is only told. */
export function simulate(motivations: readonly SimulatedMotivation[], world: World, rules: Rules): Simulation {
  const lives = motivations.map((motivation) => new Living(motivation, world));
  const tasks: SimulatedTask[] = [];
  let evaluations = 0;
  let evolvedHour = 0;
  for (let seconds = rules.intervalSeconds; seconds < rules.hours * 3_600; seconds += rules.intervalSeconds) {
    const hour = seconds / 3_600;
    if (world.isUp?.(hour) === false) continue;
    evaluations++;
    for (const life of [...lives].sort((a, b) => a.endHour - b.endHour)) life.hearOfEnd(hour);
    const { considered, chosen } = decide({
      now: at(hour),
      elapsedSeconds: (hour - evolvedHour) * 3_600,
      evidencedSeconds: rules.intervalSeconds,
      minArbitrationThreshold: rules.threshold,
      maxConcurrentTasks: rules.maxConcurrentTasks,
      activeTasks: lives.filter(({ task }) => task !== undefined).length,
      dayBudget: dayBudget(hour, rules, tasks),
      taskBudgetUsd: new Decimal(rules.workflowBudgetUsd),
      subjects: lives.map((life) => life.subject(hour)),
    });
    considered.forEach((one, index) => lives[index]?.evolve(one.after, one.rejections, hour));
    for (const type of chosen) {
      const life = lives.find((one) => one.type === type);
      const one = considered.find((each) => each.type === type);
      if (life === undefined || one?.maxCostUsd === undefined) throw new Error(`${type} was chosen for nothing.`);
      tasks.push(life.begin(hour, one.maxCostUsd.toNumber(), one));
    }
    evolvedHour = hour;
  }
  return { evaluations, tasks, lives };
}

const at = (hour: number): Date => new Date(START + Math.round(hour * HOUR_MS));

function dayBudget(hour: number, { dailyBudgetUsd }: Rules, tasks: readonly SimulatedTask[]): DayBudget | undefined {
  if (dailyBudgetUsd === Infinity) return undefined;
  const limitUsd = new Decimal(dailyBudgetUsd);
  return { limitUsd, leftUsd: Decimal.max(0, limitUsd.minus(spentToday(hour, tasks).toFixed(10))) };
}

/** Of tasks that began today: what ended ones cost, and all that running ones may cost. */
function spentToday(hour: number, tasks: readonly SimulatedTask[]): number {
  const midnight = dayOf(hour) * 24;
  let sum = 0;
  for (let index = tasks.length - 1; index >= 0; index--) {
    const task = tasks[index];
    if (task === undefined || task.beganHour < midnight) break;
    sum += task.endHour > hour ? task.maxCostUsd : task.end.costUsd;
  }
  return sum;
}

class Living implements Life {
  state: MotivationState;
  task: SimulatedTask | undefined;
  longestWaitHours = 0;
  readonly urgencyByDay: number[] = [];
  readonly rejections = new Map<RejectionReason, number>();
  private waitingSince: number | undefined;
  private attempts = 0;

  constructor(
    private readonly motivation: SimulatedMotivation,
    private readonly world: World,
  ) {
    const { defaults } = motivation;
    this.state = {
      ...defaults,
      minSatisfaction: 0,
      baseDecayRate: defaults.decayRate,
      baseBoostFactor: defaults.boostFactor,
      isActive: true,
      totalAttempts: 0,
      successCount: 0,
      failureCount: 0,
      successRate: 0,
      lastTriggeredAt: null,
      lastSatisfiedAt: null,
      ...world.initially?.(motivation.type),
    };
  }

  get type(): string {
    return this.motivation.type;
  }

  get endHour(): number {
    return this.task?.endHour ?? Infinity;
  }

  subject(hour: number) {
    const { type, category, cooldownSeconds } = this.motivation;
    const boost = this.world.boost(type, hour);
    return { type, category, cooldownSeconds, boost, state: this.state, hasActiveTask: this.task !== undefined };
  }

  evolve(state: MotivationState, rejections: readonly { readonly reason: RejectionReason }[], hour: number): void {
    this.state = state;
    for (const { reason } of rejections) this.rejections.set(reason, (this.rejections.get(reason) ?? 0) + 1);
    const day = dayOf(hour);
    this.urgencyByDay[day] = Math.max(this.urgencyByDay[day] ?? 0, state.urgency);
    const isWaiting = this.task === undefined && rejections.every(({ reason }) => reason !== 'no_evidence');
    this.waitingSince = isWaiting ? (this.waitingSince ?? hour) : undefined;
    this.longestWaitHours = Math.max(this.longestWaitHours, hour - (this.waitingSince ?? hour));
  }

  begin(hour: number, maxCostUsd: number, { score, boost }: { score: number; boost: number }): SimulatedTask {
    const {
      status,
      minutes,
      costUsd,
      agents = 1,
      failedAgents = 0,
    } = this.world.outcome(this.type, hour, this.attempts++);
    const isCutShort = costUsd > maxCostUsd;
    this.task = {
      type: this.type,
      beganHour: hour,
      endHour: hour + minutes / 60,
      score,
      boost,
      maxCostUsd,
      end: {
        status: isCutShort ? 'failed' : status,
        durationMs: minutes * 60_000,
        costUsd: Math.min(costUsd, maxCostUsd),
        maxCostUsd,
        agents,
        failedAgents,
      },
    };
    this.state = discharged(this.state, at(hour));
    this.waitingSince = undefined;
    return this.task;
  }

  hearOfEnd(hour: number): void {
    if (this.task === undefined || this.task.endHour > hour) return;
    const { end, score } = this.task;
    this.state = feedbackOf(this.state, this.motivation.satisfactionChange, end, score, at(hour)).state;
    this.task = undefined;
  }
}

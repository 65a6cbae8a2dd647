import type { Decimal } from 'decimal.js';
import { factorsOf, MAX_TIME_FACTOR, scoreOf } from './arbitration.rules.js';
import { lessPromise, promiseUsd, unpaid } from './day-budget.rules.js';
import type { Considered, Rejection, RejectionReason, Situation, Subject } from './dynamics.types.js';
import { evolved } from './evolution.rules.js';

/** Urgency from which a motivation goes before those that only score higher. */
const URGENT = 0.7;
/** Urgency over which a category gets another task. */
const SECOND_OF_CATEGORY = 0.8;
const HOPELESS = { fromAttempts: 5, successRateBelow: 0.1, pardonedAfterSeconds: 24 * 3_600 };

export interface Decision {
  /** In the order of the subjects. */
  readonly considered: readonly Considered[];
  /** Types, the first first. What each is promised of the day is taken off before the next is offered it. */
  readonly chosen: readonly string[];
}

type Evolved = Omit<Considered, 'rejections' | 'maxCostUsd'> & { readonly subject: Subject };

/** One evaluation, whole: what time and evidence make of each motivation, who may have a task, and who gets one. */
export function decide(situation: Situation): Decision {
  const all = situation.subjects.map((subject) => evolve(subject, situation));
  const rejections = new Map<string, Rejection[]>(all.map((one) => [one.type, ineligible(one, situation)]));
  const chosen = new Map<string, Decimal | undefined>();
  const served = new Set<string>();
  const places = Math.max(0, situation.maxConcurrentTasks - situation.activeTasks);
  let { dayBudget } = situation;
  for (const one of all.filter(({ type }) => rejections.get(type)?.length === 0).sort(byNeed)) {
    const passed = passedOver(one, { ...situation, dayBudget }, served.has(one.category), chosen.size < places);
    if (passed.length > 0) {
      rejections.set(one.type, passed);
      continue;
    }
    const promisedUsd = promiseUsd(one.category, dayBudget, situation.taskBudgetUsd);
    chosen.set(one.type, promisedUsd);
    served.add(one.category);
    dayBudget = dayBudget && promisedUsd && lessPromise(dayBudget, promisedUsd);
  }
  const considered = all.map(({ subject, ...one }) => ({
    ...one,
    rejections: rejections.get(subject.type) ?? [],
    maxCostUsd: chosen.get(subject.type),
  }));
  return { considered, chosen: [...chosen.keys()] };
}

function evolve(subject: Subject, { now, elapsedSeconds, evidencedSeconds }: Situation): Evolved {
  const { type, category, state: before } = subject;
  const boost = before.isActive && errorOf(subject) === undefined ? subject.boost : 0;
  const { lastTriggeredAt, ...rest } = evolved(before, { elapsedSeconds, evidencedSeconds, boost });
  const after = { ...rest, lastTriggeredAt: lastTriggeredAt && earlier(lastTriggeredAt, now) };
  const factors = factorsOf(after, now);
  return { type, category, before, after, boost, factors, score: scoreOf(factors), subject };
}

/** A clock that was set back would else hold its cooldown until it has caught up. */
const earlier = (a: Date, b: Date): Date => (a > b ? b : a);

/** Boosts are of teams' own too: one that is out of range must not spoil the state of its motivation. */
function errorOf({ error, boost }: Subject): string | undefined {
  return error ?? (boost >= 0 && boost <= 1 ? undefined : `Its boost is ${boost}, and must be from 0 to 1.`);
}

function ineligible(one: Evolved, situation: Situation): Rejection[] {
  const { subject, after, score, boost } = one;
  const { minArbitrationThreshold: least, dayBudget, now } = situation;
  const error = errorOf(subject);
  const poor = unpaid(subject.category, dayBudget);
  const sinceSeconds =
    after.lastTriggeredAt === null ? Infinity : (now.getTime() - after.lastTriggeredAt.getTime()) / 1_000;
  const coolingSeconds = subject.cooldownSeconds - sinceSeconds;
  const isHopeless =
    after.totalAttempts >= HOPELESS.fromAttempts &&
    after.successRate < HOPELESS.successRateBelow &&
    sinceSeconds < HOPELESS.pardonedAfterSeconds;
  const found: readonly (false | readonly [RejectionReason, string])[] = [
    !after.isActive && ['inactive', 'It is not active.'],
    after.isActive && boost === 0 && error === undefined && ['no_evidence', 'Its condition does not hold.'],
    score < least && ['threshold', `Its score ${roundedDown(score)} is under ${least}.`],
    subject.hasActiveTask && ['active_task', 'A task of it has not ended.'],
    coolingSeconds > 0 && ['cooldown', `It had a task; its cooldown lasts ${Math.ceil(coolingSeconds)} s more.`],
    isHopeless && [
      'success_rate',
      `${roundedDown(after.successRate * 100)} % of ${after.totalAttempts} attempts succeeded; it is pardoned 24 h after the last.`,
    ],
    poor !== undefined && ['budget', poor],
    subject.hasNothingToDo === true && ['nothing_to_do', 'There is nothing that it could do about it.'],
    error !== undefined && ['error', error],
  ];
  const rejections = found.flatMap((each) => (each === false ? [] : [{ reason: each[0], detail: each[1] }]));
  return subject.refusal === undefined ? rejections : [...rejections, subject.refusal];
}

/**
 * Whose waiting no longer raises its score goes first, the longest waiting before all, or others could keep it from ever having a task.
 * Then urgent ones, then by score, and of equals who waited longer.
 */
function byNeed(a: Evolved, b: Evolved): number {
  const overdue = Number(isOverdue(b)) - Number(isOverdue(a));
  const waited = (a.after.lastTriggeredAt?.getTime() ?? 0) - (b.after.lastTriggeredAt?.getTime() ?? 0);
  const urgent = Number(b.after.urgency > URGENT) - Number(a.after.urgency > URGENT);
  return overdue || (isOverdue(a) && waited) || urgent || b.score - a.score || waited || (a.type < b.type ? -1 : 1);
}

const isOverdue = ({ after, factors }: Evolved): boolean =>
  after.lastTriggeredAt === null || factors.time >= MAX_TIME_FACTOR;

function passedOver(
  { category, after }: Evolved,
  { maxConcurrentTasks, dayBudget }: Situation,
  isServed: boolean,
  hasPlace: boolean,
): Rejection[] {
  const poor = unpaid(category, dayBudget);
  const found: (Rejection | false)[] = [
    isServed &&
      after.urgency <= SECOND_OF_CATEGORY && {
        reason: 'category',
        detail: `The category ${category} has a task, and another only over an urgency of ${SECOND_OF_CATEGORY}.`,
      },
    !hasPlace && { reason: 'capacity', detail: `There is place for ${maxConcurrentTasks} tasks at once.` },
    poor !== undefined && { reason: 'budget', detail: poor },
  ];
  return found.filter((rejection) => rejection !== false);
}

/** So that what is under a limit also reads so. */
const roundedDown = (value: number): number => Math.floor(value * 10_000) / 10_000;

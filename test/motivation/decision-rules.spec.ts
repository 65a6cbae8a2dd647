import { Decimal } from 'decimal.js';
import { decide } from '../../src/motivation/dynamics/decision.rules.js';
import {
  REJECTIONS,
  type MotivationState,
  type RejectionReason,
  type Situation,
  type Subject,
} from '../../src/motivation/dynamics/dynamics.types.js';
import { dayOf, situation, subject } from './decision-subjects.js';
import { hoursAgo, NOW, secondsAgo } from './motivation-states.js';

const exploratory = subject('a', {}, { category: 'exploratory' });

const reasonsOf = (one: Subject, more: Partial<Situation> = {}): RejectionReason[] =>
  decide(situation([one], more)).considered.flatMap(({ rejections }) => rejections.map(({ reason }) => reason));
const detailOf = (one: Subject, more: Partial<Situation> = {}): string | undefined =>
  decide(situation([one], more)).considered[0]?.rejections[0]?.detail;
const chosenOf = (subjects: readonly Subject[], more: Partial<Situation> = {}): readonly string[] =>
  decide(situation(subjects, more)).chosen;

const tried = (successCount: number, failureCount: number): Partial<MotivationState> => ({
  successCount,
  failureCount,
  totalAttempts: successCount + failureCount,
  successRate: successCount / (successCount + failureCount),
});
const HOPELESS = { ...tried(0, 5), urgency: 1, satisfaction: 0 };

describe('who may have a task', () => {
  it.each<[string, Subject, Partial<Situation>, RejectionReason[]]>([
    ['one that asks enough', subject('a'), {}, []],
    [
      'a score at the threshold',
      subject('a', { urgency: 0.5, satisfaction: 0.5 }),
      { minArbitrationThreshold: 0.25 },
      [],
    ],
    ['a score under it', subject('a', { satisfaction: 0.5 }), {}, ['threshold']],
    ['no evidence', subject('a', {}, { boost: 0 }), {}, ['no_evidence']],
    ['an active task', subject('a', {}, { hasActiveTask: true }), {}, ['active_task']],
    ['in its cooldown', subject('a', { lastTriggeredAt: secondsAgo(899.999) }), {}, ['cooldown']],
    ['at the end of its cooldown', subject('a', { lastTriggeredAt: secondsAgo(900) }), {}, []],
    [
      'at the end of a cooldown of 5 min',
      subject('a', { lastTriggeredAt: secondsAgo(300) }, { cooldownSeconds: 300 }),
      {},
      [],
    ],
    ['inactive', subject('a', { isActive: false }), {}, ['inactive']],
    ['inactive, so nobody looked', subject('a', { isActive: false }, { boost: 0 }), {}, ['inactive']],
    ['its condition could not be looked at', subject('a', {}, { boost: 0, error: 'No such table.' }), {}, ['error']],
    ['no budget left', subject('a'), { dayBudget: dayOf(0) }, ['budget']],
    ['too little left to be useful', subject('a'), { dayBudget: dayOf(0.0199999999) }, ['budget']],
    ['the least that is useful left', subject('a'), { dayBudget: dayOf(0.02) }, []],
    ['exploratory, and half of the day left', exploratory, { dayBudget: dayOf(2.5) }, ['budget']],
    ['exploratory, and half of the day and too little left', exploratory, { dayBudget: dayOf(2.5199) }, ['budget']],
    ['exploratory, and half of the day and a little left', exploratory, { dayBudget: dayOf(2.52) }, []],
    ['exploratory, without a limit of the day', exploratory, {}, []],
    ['no place', subject('a'), { activeTasks: 3 }, ['capacity']],
    ['more tasks than an admin now allows', subject('a'), { activeTasks: 9, maxConcurrentTasks: 2 }, ['capacity']],
    ['five failures', subject('a', { ...HOPELESS, lastTriggeredAt: hoursAgo(23.9) }), {}, ['success_rate']],
    ['five failures, pardoned after 24 h', subject('a', { ...HOPELESS, lastTriggeredAt: hoursAgo(24) }), {}, []],
    ['four failures', subject('a', { ...HOPELESS, ...tried(0, 4), lastTriggeredAt: hoursAgo(2) }), {}, []],
    ['one success of ten', subject('a', { ...HOPELESS, ...tried(1, 9), lastTriggeredAt: hoursAgo(2) }), {}, []],
    [
      'one success of eleven',
      subject('a', { ...HOPELESS, ...tried(1, 10), lastTriggeredAt: hoursAgo(2) }),
      {},
      ['success_rate'],
    ],
  ])('%s', (_, one, more, expected) => {
    expect(reasonsOf(one, more)).toEqual(expected);
    expect(chosenOf([one], more)).toEqual(expected.length === 0 ? ['a'] : []);
  });

  it('one that proposes nothing takes no place from those that would, however urgent it is', () => {
    const idle = subject('a', { urgency: 1, satisfaction: 0 }, { category: 'b', hasNothingToDo: true });
    expect(reasonsOf(idle)).toEqual(['nothing_to_do']);
    expect(chosenOf([idle, subject('b')], { maxConcurrentTasks: 1 })).toEqual(['b']);
  });

  it('one whose proposal is refused takes neither place, category nor money from those that would be paid', () => {
    const refusal = { reason: 'vetoed', detail: 'prompt_injection' } as const;
    const never = subject('a', { urgency: 0.8, satisfaction: 0, lastTriggeredAt: null }, { category: 'b', refusal });
    const late = subject('b', { lastTriggeredAt: hoursAgo(2) });
    const { considered, chosen } = decide(
      situation([never, late], { maxConcurrentTasks: 1, dayBudget: dayOf(0.5), taskBudgetUsd: new Decimal('0.5') }),
    );
    expect(considered.map(({ rejections }) => rejections)).toEqual([[refusal], []]);
    expect(chosen).toEqual(['b']);
  });

  it('all that applies is said, in one order', () => {
    const state = { ...tried(0, 5), urgency: 0.1, lastTriggeredAt: secondsAgo(10) };
    const all = subject('a', state, { hasActiveTask: true, boost: 0, hasNothingToDo: true });
    const reasons = reasonsOf(all, { dayBudget: dayOf(0) });
    expect(reasons).toEqual([
      'no_evidence',
      'threshold',
      'active_task',
      'cooldown',
      'success_rate',
      'budget',
      'nothing_to_do',
    ]);
    expect(reasons).toEqual(REJECTIONS.filter((reason) => reasons.includes(reason)));
  });

  it.each<[string, Subject, Partial<Situation>, string]>([
    ['threshold', subject('a', { urgency: 0.29999999, satisfaction: 0 }), {}, 'Its score 0.2999 is under 0.3.'],
    [
      'cooldown',
      subject('a', { lastTriggeredAt: secondsAgo(100) }),
      {},
      'It had a task; its cooldown lasts 800 s more.',
    ],
    ['capacity', subject('a'), { activeTasks: 3 }, 'There is place for 3 tasks at once.'],
    [
      'success rate',
      subject('a', { ...HOPELESS, ...tried(1, 10), lastTriggeredAt: hoursAgo(2) }),
      {},
      '9.0909 % of 11 attempts succeeded; it is pardoned 24 h after the last.',
    ],
  ])('says the numbers of %s', (_, one, more, expected) => {
    expect(detailOf(one, more)).toBe(expected);
  });

  it('a boost by hand without evidence starts nothing', () => {
    expect(reasonsOf(subject('a', { urgency: 1, satisfaction: 0 }, { boost: 0 }))).toEqual(['no_evidence']);
  });

  it.each([Number.NaN, Infinity, -0.1, 1.1])("a team's boost of %d is an error, and spoils nothing", (boost) => {
    const { considered, chosen } = decide(
      situation([subject('a', {}, { boost }), subject('b')], { elapsedSeconds: 30, evidencedSeconds: 30 }),
    );
    expect(chosen).toEqual(['b']);
    expect(considered[0]).toMatchObject({
      boost: 0,
      rejections: [{ reason: 'error', detail: `Its boost is ${boost}, and must be from 0 to 1.` }],
    });
    expect(considered[0]?.after.urgency).toBeCloseTo(0.48, 12);
  });

  it('a clock set back makes a cooldown no longer than it is', () => {
    const one = subject('a', { lastTriggeredAt: hoursAgo(-1_000), urgency: 1, satisfaction: 0 });
    const [first] = decide(situation([one], { elapsedSeconds: -3_600_000 })).considered;
    expect(first?.rejections.map(({ reason }) => reason)).toEqual(['cooldown']);
    expect(first?.after.lastTriggeredAt).toEqual(NOW);
    const later = new Date(NOW.getTime() + 900_000);
    const again = { ...one, state: first?.after ?? one.state };
    expect(decide(situation([again], { now: later, elapsedSeconds: 900, evidencedSeconds: 900 })).chosen).toEqual([
      'a',
    ]);
  });
});

describe('who gets one', () => {
  const fired = { lastTriggeredAt: hoursAgo(2) };
  const calm = (type: string, more: Partial<MotivationState> = {}) =>
    subject(type, { ...fired, urgency: 0.7, satisfaction: 0, ...more });
  const urgent = (type: string, more: Partial<MotivationState> = {}) =>
    subject(type, { ...fired, urgency: 0.71, satisfaction: 0.5, ...more });

  it('urgent ones first, then by score', () => {
    const subjects = [
      calm('low', { urgency: 0.5 }),
      calm('high'),
      urgent('urgent'),
      urgent('keener', { urgency: 0.9 }),
    ];
    expect(chosenOf(subjects, { maxConcurrentTasks: 4 })).toEqual(['keener', 'urgent', 'high', 'low']);
    expect(chosenOf(subjects, { maxConcurrentTasks: 3, activeTasks: 1 })).toEqual(['keener', 'urgent']);
  });

  it('one of a category, another only over an urgency of 0.8', () => {
    const pair = (urgency: number): Subject[] =>
      [calm('first', { urgency: 0.9 }), calm('second', { urgency })].map((one) => ({ ...one, category: 'remedial' }));
    expect(chosenOf(pair(0.8))).toEqual(['first']);
    expect(chosenOf(pair(0.81))).toEqual(['first', 'second']);
    const { considered } = decide(situation(pair(0.8), { activeTasks: 2 }));
    expect(considered[1]?.rejections.map(({ reason }) => reason)).toEqual(['category', 'capacity']);
  });

  it('the place of one that its category passes over goes to the next', () => {
    const subjects = [
      calm('a', { urgency: 0.9 }),
      { ...calm('b', { urgency: 0.75 }), category: 'a' },
      calm('c', { urgency: 0.5 }),
    ];
    expect(chosenOf(subjects, { maxConcurrentTasks: 2 })).toEqual(['a', 'c']);
  });

  it('of equals who waited longer, then by name', () => {
    const equals = [calm('b'), calm('c'), calm('a')];
    expect(chosenOf(equals)).toEqual(['a', 'b', 'c']);
    const topped = [2, 3].map((hours) =>
      urgent(`waited_${String(hours)}`, { urgency: 1, satisfaction: 0, lastTriggeredAt: hoursAgo(hours) }),
    );
    expect(chosenOf(topped)).toEqual(['waited_3', 'waited_2']);
  });

  it('who waited a day goes before urgent ones, the longest waiting first, and who never had a task before all', () => {
    const subjects = [
      urgent('urgent', { urgency: 1, satisfaction: 0 }),
      calm('day', { lastTriggeredAt: hoursAgo(24) }),
      calm('week', { lastTriggeredAt: hoursAgo(168), urgency: 0.4 }),
      calm('never', { lastTriggeredAt: null, urgency: 0.4 }),
    ];
    expect(chosenOf(subjects, { maxConcurrentTasks: 4 })).toEqual(['never', 'week', 'day', 'urgent']);
  });

  it('those who never had a task go by need', () => {
    const subjects = ['low', 'high', 'urgent'].map((type, index) =>
      subject(type, { urgency: [0.5, 0.7, 0.75][index], satisfaction: [0, 0, 0.5][index] }),
    );
    expect(chosenOf(subjects)).toEqual(['urgent', 'high', 'low']);
  });
});

describe('what each may cost', () => {
  const costsOf = (subjects: readonly Subject[], more: Partial<Situation>): Record<string, number | undefined> =>
    Object.fromEntries(
      decide(situation(subjects, more)).considered.map(({ type, maxCostUsd }) => [type, maxCostUsd?.toNumber()]),
    );
  const three = ['a', 'b', 'c'].map((type) => subject(type));
  const taskBudgetUsd = new Decimal('0.5');

  it('what one is promised is gone for the next, and who comes too late is told the numbers', () => {
    const more = { dayBudget: dayOf(0.71), taskBudgetUsd };
    expect(costsOf(three, more)).toEqual({ a: 0.5, b: 0.21, c: undefined });
    expect(decide(situation(three, more)).considered[2]?.rejections).toEqual([
      {
        reason: 'budget',
        detail: 'Of the 5 USD of autonomous work a day 0 are neither used nor promised, and a task needs 0.02.',
      },
    ]);
  });

  it('what is left after a promise and is too little to be useful goes to nobody', () => {
    expect(costsOf(three, { dayBudget: dayOf(0.5199), taskBudgetUsd })).toEqual({ a: 0.5, b: undefined, c: undefined });
  });

  it('one without a limit of its own is promised all that is left; without a limit of the day each has its own', () => {
    expect(costsOf(three, { dayBudget: dayOf(3) })).toEqual({ a: 3, b: undefined, c: undefined });
    expect(costsOf(three, { taskBudgetUsd })).toEqual({ a: 0.5, b: 0.5, c: 0.5 });
    expect(costsOf(three, {})).toEqual({ a: undefined, b: undefined, c: undefined });
  });

  it('exploratory work has only what is over half of the day; the place of one without money goes to the next', () => {
    const subjects = [subject('a', { urgency: 1 }, { category: 'exploratory' }), subject('b')];
    expect(costsOf(subjects, { dayBudget: dayOf(2.6), taskBudgetUsd })).toEqual({ a: 0.1, b: 0.5 });
    expect(chosenOf(subjects, { dayBudget: dayOf(2.5), taskBudgetUsd, maxConcurrentTasks: 1 })).toEqual(['b']);
    expect(detailOf(exploratory, { dayBudget: dayOf(2.51) })).toBe(
      'Of the 5 USD of autonomous work a day 2.51 are neither used nor promised, 2.5 are kept from exploratory work, and a task needs 0.02.',
    );
  });
});

import { ownMotivations } from '../../src/motivation/motivations/own-motivations.js';
import { ToolRegistry } from '../../src/tools/tool-registry.js';
import { chartOf } from './chart.js';
import { simulate, type Life, type Rules, type SimulatedTask, type World } from './simulator.js';
import {
  allSatisfied,
  dearTasks,
  failingTools,
  floodOfFailures,
  leastEvidence,
  outages,
  quiet,
  WELL,
} from './worlds.js';

const DAYS = 30;
const MONTH: Rules = {
  hours: DAYS * 24,
  intervalSeconds: 300,
  threshold: 0.3,
  maxConcurrentTasks: 3,
  workflowBudgetUsd: 0.5,
  dailyBudgetUsd: 5,
};
const motivations = ownMotivations.map((Own) => new Own(new ToolRegistry([])));
const TYPES = motivations.map(({ type }) => type);

/** With the longest that a motivation may have to wait: a day until there is money again, a pardon, an outage. */
const scripts: readonly { world: World; rules: Rules; mostHours: number }[] = [
  { world: quiet, rules: MONTH, mostHours: 3 },
  { world: failingTools, rules: MONTH, mostHours: 24 },
  { world: floodOfFailures, rules: { ...MONTH, maxConcurrentTasks: 1, dailyBudgetUsd: 2 }, mostHours: 48 },
  { world: dearTasks, rules: MONTH, mostHours: 24 },
  { world: allSatisfied, rules: MONTH, mostHours: 24 },
  { world: outages, rules: MONTH, mostHours: 72 + 24 },
];
const months = scripts.map((script) => ({
  ...script,
  name: script.world.name,
  ...simulate(motivations, script.world, script.rules),
}));
type Month = (typeof months)[number];

const monthOf = (world: World): Month => found(months.find((one) => one.world === world));
const lifeOf = ({ lives }: Month, type: string): Life => found(lives.find((life) => life.type === type));
const tasksOf = ({ tasks }: Pick<Month, 'tasks'>, type: string): SimulatedTask[] =>
  tasks.filter((task) => task.type === type);
const daysOf = (tasks: readonly SimulatedTask[]): Set<number> =>
  new Set(tasks.map(({ beganHour }) => Math.floor(beganHour / 24)));
const gapsOf = (tasks: readonly SimulatedTask[]): number[] =>
  tasks.slice(1).map(({ beganHour }, index) => beganHour - found(tasks[index]).beganHour);
const everyDay = (from = 0, before = DAYS): Set<number> =>
  new Set(Array.from({ length: before - from }, (_, index) => from + index));

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('It is not there.');
  return value;
}

beforeAll(() => {
  const charts = months.map((month) => {
    const { maxConcurrentTasks, dailyBudgetUsd } = month.rules;
    const title = `${month.name} (${String(maxConcurrentTasks)} at once, ${String(dailyBudgetUsd)} USD a day)`;
    return chartOf(title, month, DAYS);
  });
  process.stdout.write(`\n${charts.join('\n')}\n`);
});

describe.each(months)('a month: $name', (month) => {
  const { world, rules, tasks, lives, mostHours } = month;

  it('none fires while its condition does not hold, or under the threshold, or while the engine is away', () => {
    expect(tasks.length).toBeGreaterThan(0);
    const wrong = tasks.filter(
      ({ type, beganHour, score }) =>
        world.boost(type, beganHour) === 0 || score < rules.threshold || world.isUp?.(beganHour) === false,
    );
    expect(wrong).toEqual([]);
  });

  it('none starves while its condition holds', () => {
    for (const { type, longestWaitHours } of lives) {
      const everHeld = Array.from({ length: rules.hours }, (_, hour) => hour).some(
        (hour) => world.boost(type, hour) > 0,
      );
      expect(tasksOf(month, type).length > 0).toBe(everHeld);
      expect(longestWaitHours).toBeLessThanOrEqual(mostHours);
    }
  });

  it('rates stay within cooldowns, and a motivation has one task at a time', () => {
    for (const { type, cooldownSeconds } of motivations) {
      const own = tasksOf(month, type);
      expect(gapsOf(own).filter((gap) => gap * 3_600 < cooldownSeconds - 1e-6)).toEqual([]);
      expect(own.slice(1).filter(({ beganHour }, index) => beganHour < found(own[index]).endHour)).toEqual([]);
    }
  });

  it('never more tasks at once than allowed', () => {
    let most = 0;
    let running: SimulatedTask[] = [];
    for (const task of tasks) {
      running = [...running.filter(({ endHour }) => endHour > task.beganHour), task];
      most = Math.max(most, running.length);
    }
    expect(most).toBeLessThanOrEqual(rules.maxConcurrentTasks);
  });

  it('never more money than a day and a workflow have', () => {
    for (const day of everyDay()) {
      const today = tasks.filter(({ beganHour }) => Math.floor(beganHour / 24) === day);
      const spentUsd = today.reduce((sum, { end }) => sum + end.costUsd, 0);
      expect(spentUsd).toBeLessThanOrEqual(rules.dailyBudgetUsd + 1e-9);
    }
    expect(tasks.filter(({ end }) => end.costUsd > rules.workflowBudgetUsd)).toEqual([]);
  });
});

describe('what the worlds show', () => {
  it('quiet: what has no reason stays at rest, old thoughts are revisited while there are any', () => {
    const month = monthOf(quiet);
    expect(new Set(month.tasks.map(({ type }) => type))).toEqual(
      new Set(['idle_exploration', 'maximize_coverage', 'revisit_old_thoughts']),
    );
    expect(daysOf(tasksOf(month, 'revisit_old_thoughts'))).toEqual(everyDay(10, 20));
    expect(lifeOf(month, 'resolve_unfinished_tasks').state).toMatchObject({ urgency: 0, lastTriggeredAt: null });
  });

  it('all satisfied: for three hours nobody asks, within four everybody does, and so on every day', () => {
    const month = monthOf(allSatisfied);
    for (const type of TYPES) {
      const own = tasksOf(month, type);
      expect(found(own[0]).beganHour).toBeGreaterThan(3);
      expect(found(own[0]).beganHour).toBeLessThan(4);
      expect(daysOf(own)).toEqual(everyDay());
      // Succeeding satisfies: rarer than the cooldown alone would have it.
      expect(lifeOf(month, type).state.satisfaction).toBeGreaterThan(0.1);
    }
  });

  it('flood of failures: one that always fails is silenced and pardoned each day, and others go on', () => {
    const month = monthOf(floodOfFailures);
    const hopeless = tasksOf(month, 'resolve_unfinished_tasks');
    expect(lifeOf(month, 'resolve_unfinished_tasks').state).toMatchObject({ successCount: 0, successRate: 0 });
    expect(hopeless.length).toBeGreaterThan(20);
    expect(gapsOf(hopeless.slice(4)).filter((gap) => gap < 24 - 1e-6)).toEqual([]);
    expect(found(hopeless.at(-1)).beganHour).toBeGreaterThan((DAYS - 3) * 24);
    expect(daysOf(tasksOf(month, 'explore_recent_failure'))).toEqual(everyDay());
  });

  it('flood of failures: one that begins to succeed is heard again', () => {
    const healed = tasksOf(monthOf(floodOfFailures), 'refine_low_confidence');
    const inDays = (from: number, before: number): number =>
      healed.filter(({ beganHour }) => beganHour >= from * 24 && beganHour < before * 24).length;
    expect(inDays(5, 15)).toBeLessThanOrEqual(10);
    expect(inDays(20, 30)).toBeGreaterThan(30);
  });

  it('flood of failures: the money of the day is what ends the day, and is there again the next', () => {
    const month = monthOf(floodOfFailures);
    expect(lifeOf(month, 'explore_recent_failure').rejections.get('budget')).toBeGreaterThan(0);
    expect(daysOf(month.tasks)).toEqual(everyDay());
  });

  it('dear tasks: what is idle at night spends half of the day and no more, and what fails by day still gets its tasks', () => {
    const month = monthOf(dearTasks);
    const exploratory = ['idle_exploration', 'maximize_coverage'];
    for (const day of everyDay()) {
      const spentUsd = month.tasks
        .filter(({ type, beganHour }) => exploratory.includes(type) && Math.floor(beganHour / 24) === day)
        .reduce((sum, { end }) => sum + end.costUsd, 0);
      expect(spentUsd).toBeLessThanOrEqual(MONTH.dailyBudgetUsd / 2 + 1e-9);
      if (day > 0) expect(spentUsd).toBeGreaterThanOrEqual(MONTH.dailyBudgetUsd / 2 - 0.5);
    }
    for (const type of exploratory) expect(lifeOf(month, type).rejections.get('budget')).toBeGreaterThan(0);
    for (const type of ['explore_recent_failure', 'resolve_unfinished_tasks']) {
      expect(daysOf(tasksOf(month, type))).toEqual(everyDay());
    }
  });

  it('outages: what was left begins again in the hours after each', () => {
    const { tasks } = monthOf(outages);
    for (const back of [4 * 24, 17 * 24]) {
      const types = tasks.filter(({ beganHour }) => beganHour >= back && beganHour < back + 4).map(({ type }) => type);
      expect(new Set(types)).toEqual(new Set(TYPES));
    }
  });

  it('the interval of the engine hardly matters: three days of 30 s are three days of 5 min', () => {
    const days = (intervalSeconds: number) =>
      simulate(motivations, failingTools, { ...MONTH, hours: 72, intervalSeconds, dailyBudgetUsd: Infinity });
    const [often, rarely] = [days(30), days(300)];
    expect(often.evaluations).toBeGreaterThan(9 * rarely.evaluations);
    for (const type of TYPES) {
      const [a, b] = [tasksOf(often, type).length, tasksOf(rarely, type).length];
      expect(Math.abs(a - b)).toBeLessThanOrEqual(2 + 0.15 * Math.max(a, b));
    }
  });
});

describe('the least evidence there is', () => {
  const alone = (type: string, hours: number, intervalSeconds: number, initially?: World['initially']) => {
    const world: World = { name: 'alone', boost: leastEvidence, outcome: () => WELL, ...(initially && { initially }) };
    const one = motivations.filter((motivation) => motivation.type === type);
    return simulate(one, world, { ...MONTH, hours, intervalSeconds }).tasks[0]?.beganHour ?? Infinity;
  };

  it.each([
    ['resolve_unfinished_tasks', 1],
    ['refine_low_confidence', 2],
    ['explore_recent_failure', 0.5],
    ['maximize_coverage', 0.5],
    ['revisit_old_thoughts', 2],
    ['idle_exploration', 2.5],
  ])('lets %s reach the threshold from its defaults, within %d h', (type, hours) => {
    expect(alone(type, hours, 30)).toBeLessThan(hours);
  });

  it.each(TYPES)('lets %s come back after it failed so often that its rates are the worst', (type) => {
    const lost = { totalAttempts: 20, failureCount: 20, boostFactor: 0.5, decayRate: 0.2, urgency: 0 };
    const hours = alone(type, 14 * 24, 1_800, () => lost);
    expect(hours).toBeLessThan(8 * 24);
  });
});

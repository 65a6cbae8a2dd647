import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VARIABLES } from '../../src/config/load-config.js';
import { ROOT, scaleModel, type Calibration, type Demands, type Station } from './scale-model.js';

const model = await scaleModel();
const DOCUMENT = await readFile(join(ROOT, 'docs/scale.md'), 'utf8');
const CALIBRATION = model.calibrationIn(DOCUMENT);

const queue = (demand: number): Station => ({ demand, servers: 1 });
const delay = (demand: number): Station => ({ demand, servers: Infinity });
const last = (values: number[]): number => values.at(-1) ?? Number.NaN;

/** What no network exceeds: its busiest station, and the round of a customer whom nobody keeps waiting. */
function asymptoticBound(stations: Station[], customers: number): number {
  const round = stations.reduce((sum, { demand }) => sum + demand, 0);
  const busiest = Math.max(...stations.map(({ demand, servers }) => demand / servers));
  return Math.min(1 / busiest, customers / round);
}

/** Mean value analysis of queues and one delay: another way to the same numbers. */
function meanValueAnalysis(demands: number[], thinks: number, customers: number): number {
  let waiting = demands.map(() => 0);
  let perUnit = 0;
  for (let n = 1; n <= customers; n++) {
    const times = demands.map((demand, k) => demand * (1 + (waiting[k] ?? 0)));
    perUnit = n / (thinks + times.reduce((sum, time) => sum + time, 0));
    waiting = times.map((time) => time * perUnit);
  }
  return perUnit;
}

describe('a closed network', () => {
  it('with one customer is the sum of its demands', () => {
    const stations = [queue(2), delay(3), { demand: 5, servers: 4 }];
    expect(last(model.throughputs(stations, 1))).toBeCloseTo(1 / 10, 12);
  });

  it('of two equal queues has its closed form', () => {
    // X(n) = n / ((n + 1) D)
    model.throughputs([queue(4), queue(4)], 30).forEach((perUnit, index) => {
      expect(perUnit).toBeCloseTo((index + 1) / ((index + 2) * 4), 12);
    });
  });

  it('of one station with several servers and a delay is the repair shop (M/M/c//N)', () => {
    const [customers, servers, demand, thinks] = [7, 3, 2, 5];
    // Birth and death: n are being served or wait.
    const weights = [1];
    for (let n = 1; n <= customers; n++)
      weights.push(((weights[n - 1] ?? 0) * (customers - n + 1) * demand) / (thinks * Math.min(n, servers)));
    const sum = weights.reduce((all, weight) => all + weight, 0);
    const served = weights.reduce((all, weight, n) => all + (weight * Math.min(n, servers)) / sum, 0);
    expect(last(model.throughputs([delay(thinks), { demand, servers }], customers))).toBeCloseTo(served / demand, 10);
  });

  it('agrees with mean value analysis', () => {
    const demands = [0.4, 1.7, 0.9, 1.7];
    for (const customers of [1, 2, 5, 40, 400]) {
      const ours = last(model.throughputs([...demands.map(queue), delay(12)], customers));
      expect(ours).toBeCloseTo(meanValueAnalysis(demands, 12, customers), 9);
    }
  });

  it('stays within the asymptotic bounds, and reaches them', () => {
    const stations = [queue(1), { demand: 6, servers: 4 }, delay(20)];
    model.throughputs(stations, 200).forEach((perUnit, index) => {
      expect(perUnit).toBeLessThanOrEqual(asymptoticBound(stations, index + 1) * (1 + 1e-9));
    });
    expect(last(model.throughputs(stations, 400))).toBeCloseTo(1 / 1.5, 3);
  });

  it('never gets slower by a customer or a server more, nor faster by more demand', () => {
    const grown = model.throughputs([queue(1), { demand: 8, servers: 6 }, delay(9)], 60);
    const fewer = model.throughputs([queue(1), { demand: 8, servers: 5 }, delay(9)], 60);
    const dearer = model.throughputs([queue(1), { demand: 8.5, servers: 6 }, delay(9)], 60);
    grown.forEach((perUnit, index) => {
      expect(perUnit).toBeGreaterThanOrEqual((grown[index - 1] ?? 0) - 1e-12);
      expect(perUnit).toBeGreaterThanOrEqual((fewer[index] ?? 0) - 1e-12);
      expect(perUnit).toBeGreaterThanOrEqual((dearer[index] ?? 0) - 1e-12);
    });
  });

  it('holds with thousands of customers and dozens of servers, where subtracting would not', () => {
    const perUnit = last(model.throughputs([delay(5_000), { demand: 60, servers: 64 }], 3_000));
    // Far from busy, nobody waits: Little's law with the demands alone.
    expect(perUnit).toBeCloseTo(3_000 / 5_060, 6);
  });

  it.each([
    [[queue(-1)], 1],
    [[queue(Number.NaN)], 1],
    [[{ demand: 1, servers: 0 }], 1],
    [[{ demand: 1, servers: 1.5 }], 1],
    [[queue(1)], 0],
    [[queue(0)], 1],
  ])('refuses %j with %d customers', (stations, customers) => {
    expect(() => model.throughputs(stations, customers)).toThrow(RangeError);
  });
});

describe('a shared machine', () => {
  const demands: Demands = { loadMs: 2, nyxThreadMs: 6, nyxOtherMs: 1, postgresMs: 8, commits: 4, flushMs: 0 };
  const machine = { cores: 2, replicas: 1, customers: 6, demands, workflows: 20_000 };

  it('with cores for all is a network in product form', () => {
    const { perSecond } = model.simulateMachine({ ...machine, cores: 1_000 });
    const exact = last(model.throughputs([queue(2), queue(6), delay(9)], 6)) * 1_000;
    expect(Math.abs(perSecond / exact - 1)).toBeLessThan(0.02);
  });

  it('ends, with one core, as much as the core can do', () => {
    const { perSecond, busyCores } = model.simulateMachine({ ...machine, cores: 1 });
    expect(Math.abs(perSecond / (1_000 / 17) - 1)).toBeLessThan(0.02);
    expect(busyCores).toBeCloseTo(1, 6);
  });

  it('keeps the utilisation law, and no thread gets more than one core', () => {
    for (const replicas of [1, 2, 3]) {
      const { perSecond, busyCores } = model.simulateMachine({ ...machine, replicas, customers: 32 });
      expect(Math.abs((perSecond * 17) / 1_000 / busyCores - 1)).toBeLessThan(0.02);
      expect(busyCores).toBeLessThanOrEqual(2 + 1e-9);
      expect((perSecond * 6) / 1_000).toBeLessThan(replicas * 1.02);
    }
  });

  it('ends no more with one thread than the thread can do, and more with two', () => {
    const heavy = { ...machine, cores: 8, customers: 32, demands: { ...demands, nyxThreadMs: 20 } };
    const [one, two] = [1, 2].map((replicas) => model.simulateMachine({ ...heavy, replicas }).perSecond);
    expect(Math.abs((one ?? 0) / 50 - 1)).toBeLessThan(0.03);
    expect(Math.abs((two ?? 0) / 100 - 1)).toBeLessThan(0.03);
  });

  it('has commits wait for one flush together', () => {
    const flushing = {
      ...demands,
      loadMs: 0,
      nyxThreadMs: 0.01,
      nyxOtherMs: 0,
      postgresMs: 0.01,
      commits: 1,
      flushMs: 10,
    };
    const { perSecond } = model.simulateMachine({ ...machine, cores: 64, customers: 20, demands: flushing });
    // One at a time it would be 100 a second; all 20 in every flush, or in every second one, is 1,000 to 2,000.
    expect(perSecond).toBeGreaterThan(950);
    expect(perSecond).toBeLessThan(2_050);
  });

  it('is the same every time, and with another seed nearly', () => {
    const [first, again, other] = [1, 1, 2].map((seed) => model.simulateMachine({ ...machine, seed }).perSecond);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
    expect(Math.abs((other ?? 0) / (first ?? 1) - 1)).toBeLessThan(0.03);
  });
});

describe('a calibration', () => {
  it.each([
    ['a figure that is missing', { postgresMs: undefined }],
    ['a figure that is no number', { walBytes: Number.NaN }],
    ['a negative one', { nyxOtherMs: -1 }],
    ['half a workflow', { customers: 1.5 }],
    ['no commits', { commits: 0 }],
    ['a thread that was busy for longer than time passed', { nyxThreadMs: 2_000 / (CALIBRATION['oneReplica'] ?? 1) }],
    ['a machine that was busier than it has cores', { postgresMs: 5_000 / (CALIBRATION['oneReplica'] ?? 1) }],
  ])('is refused with %s', (_, wrong) => {
    expect(() => model.checkedCalibration({ ...CALIBRATION, ...wrong })).toThrow(RangeError);
  });

  it('of a quick run has to be numbers, and no more', () => {
    const quick = (wrong: object) => model.checkedCalibration({ ...CALIBRATION, ...wrong }, { isQuick: true });
    for (const value of [undefined, Number.NaN, Infinity])
      expect(() => quick({ postgresMs: value })).toThrow(RangeError);
    // Clocks tick each 10 ms, and a file grows by many pages at once.
    const demands = quick({ nyxThreadMs: 0, storedBytes: 0, postgresMs: 5_000 });
    const { perSecond } = model.simulateMachine({ cores: 2, replicas: 1, customers: 32, demands });
    expect(perSecond).toBeGreaterThan(0);
  });

  it('is refused when the document has none', () => {
    expect(() => model.calibrationIn('# Scale\n')).toThrow(RangeError);
  });
});

interface Measured {
  readonly details?: {
    readonly calibration?: Calibration;
    readonly perSecond?: number;
    readonly archivedPerSecond?: number;
  };
}

describe('docs/scale.md', () => {
  const sectionOf = (name: string): string | undefined =>
    new RegExp(`<!-- ${name}:start -->\\n([\\s\\S]*)<!-- ${name}:end -->`).exec(DOCUMENT)?.[1];

  it('shows what its calibration gives', () => {
    const shown = Object.keys(model.formatSections(CALIBRATION)).map((name) => [name, sectionOf(name)]);
    expect(Object.fromEntries(shown)).toEqual(model.formatSections(CALIBRATION));
  });

  it('would show other figures with another calibration', () => {
    const slower: Calibration = { ...CALIBRATION, postgresMs: CALIBRATION.postgresMs * 1.05 };
    const differs = Object.entries(model.formatSections(slower)).filter(
      ([name, section]) => section !== sectionOf(name),
    );
    expect(differs.map(([name]) => name)).toEqual(['calibration', 'predictions', 'bounds', 'capacity']);
  });

  it('has the calibration and the rate of erasing that were measured', async () => {
    const { rows } = JSON.parse(await readFile(join(ROOT, 'test/bench/results.json'), 'utf8')) as { rows: Measured[] };
    const details = rows.map((row) => row.details ?? {});
    expect(CALIBRATION).toEqual(details.find(({ calibration }) => calibration !== undefined)?.calibration);
    const erasing = details.find(({ archivedPerSecond }) => archivedPerSecond !== undefined);
    const [plain, archived] = [erasing?.perSecond, erasing?.archivedPerSecond].map((rate) => rate?.toFixed(0));
    expect(DOCUMENT).toContain(`${plain} direct workflows a second, and ${archived} with an archive`);
  });

  it('says what a cell is taken to be', () => {
    const { postgresCores, walBytesPerSecond, mostBusy, modelMs, paidCalls } = model.CELL;
    expect(modelMs / paidCalls).toBe(5_000);
    expect(DOCUMENT).toContain('every workflow spends five seconds with its model');
    expect(DOCUMENT).toContain(
      `PostgreSQL with ${postgresCores} cores and a log device of ${walBytesPerSecond / 1e6} MB a second`,
    );
    expect(DOCUMENT).toContain(`nothing in it planned busier than ${mostBusy * 100} %`);
  });

  it('names files, scripts, routes and variables that exist', async () => {
    const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { scripts: object };
    const { paths } = JSON.parse(await readFile(join(ROOT, 'openapi.json'), 'utf8')) as { paths: object };
    const named = (pattern: RegExp): string[] => [...DOCUMENT.matchAll(pattern)].map(([, name = '']) => name);
    const files = named(/[` ]((?:src|test)\/[\w./-]+\.(?:m?ts|mjs|json))/g);
    expect(files.length).toBeGreaterThan(3);
    expect(files.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
    expect(named(/npm run ([\w:]+)/g).filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
    const routes = named(/`(?:GET|POST|PUT) (\/api\/v1\/[^\s`?]+)/g);
    expect(routes.length).toBeGreaterThan(2);
    expect(routes.filter((path) => !Object.hasOwn(paths, path))).toEqual([]);
    const variables = named(/`((?:NYX|OIDC|JWT|DATABASE|RETENTION|ISOLATE|ANTHROPIC)_[A-Z_]+)`/g);
    expect(variables.filter((name) => !(VARIABLES as readonly string[]).includes(name))).toEqual([]);
  });

  it('plans nothing busier than it says, and no cell too many', () => {
    for (const perMinute of [1, 1_000, 30_000, 1_000_000]) {
      const { cells, busy, inFlight, addedMs } = model.capacityFor(CALIBRATION, perMinute);
      const busiest = Math.max(...Object.values(busy));
      expect(busiest).toBeLessThanOrEqual(model.CELL.mostBusy + 1e-9);
      expect(cells === 1 || (busiest * cells) / (cells - 1) > model.CELL.mostBusy).toBe(true);
      // Little's law, to the next whole workflow of a cell.
      const expected = (perMinute / 60) * ((model.CELL.modelMs + addedMs) / 1_000);
      expect(Math.abs(inFlight - expected)).toBeLessThanOrEqual(cells * 1.01);
    }
  });
});

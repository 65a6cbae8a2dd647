import { readFile } from 'node:fs/promises';
import { MISSED_FIRES } from '../../../src/orchestrator/schedules/schedule.values.js';
import { DeclaredAnswers } from '../../docs/declared-answers.js';
import type { ApiDocument } from '../../docs/operations.js';
import { cleanUpProcesses } from '../../support/process.js';
import { until } from '../../support/until.js';
import { randomFrom } from '../chaos-fixture.js';
import { StormClient } from './client.js';
import { lasting } from './lasting.js';
import { Load, MODEL_RULES } from './load.js';
import { growthOf, isFlat, told } from './memory.js';
import { Sea, unmountAll } from './sea.js';
import { Timetable } from './timetable.js';
import { brokenPromises, ends, wrongBill, unfinished } from './verdict.js';
import { KINDS } from './strokes.js';
import { Weather } from './weather.js';

const SEED = Number(process.env.STORM_SEED ?? Date.now() % 1_000_000);
const MINUTES = Number(process.env.STORM_MINUTES ?? 3);
/** Below it not every kind of stroke has the time to come. */
const IS_WHOLE = MINUTES >= 3;
/** Of all requests but those that something excuses, or that were lost. */
const LEAST_SHARE = 0.999;
/** Of all requests, whatever explains it: the disk is full on purpose, and a replica whose model fails says so with a 503. */
const LEAST_STRICT_SHARE = 0.985;
/** Of all requests: lost on the way to a replica that was well, and answered by another. */
const MOST_LOST = 0.005;
const WEIGH_MS = 6_000;
/** What is under way when the storm is over ends within this, or never. */
const CALM_MS = 180_000;
/** One after the other the suspects run alone: the last workflow may end long after the storm. What has not ended after `LATE_MS` is told. */
const LAST_END_MS = 400_000;
const LATE_MS = 60_000;
/** The last answers are booked, and outcomes settled, a moment after an end. */
const SETTLING_MS = 30_000;
/** Of the generations that were asked for. */
const LEAST_GENERATED = 0.2;
/** Of people's workflows that nobody cancelled and whose result nobody rejected: the model fails on purpose. */
const LEAST_COMPLETED = 0.3;
/** Of the requests that were asked while PostgreSQL was there: the rest is to say something. */
const MOST_EXCUSED = 0.05;

let sea: Sea;
beforeAll(async () => {
  sea = await Sea.open();
}, 300_000);
afterAll(async () => {
  await unmountAll();
  await cleanUpProcesses();
}, 60_000);

const count = async (query: string): Promise<number> =>
  (await sea.sql.query<{ count: number }>(`SELECT count(*)::int FROM ${query}`)).rows[0]?.count ?? NaN;

/** Those who followed, and did not get every event of their workflow once and in order. */
async function wrongFollowers(load: Load): Promise<string[]> {
  const { rows } = await sea.sql.query<{ id: string; last: number }>(
    'SELECT workflow_id AS id, last_seq::int AS last FROM event_streams',
  );
  const lastOf = new Map(rows.map(({ id, last }) => [id, last]));
  return load.followers
    .filter(({ workflowId, seen }) => seen.length !== lastOf.get(workflowId) || seen.some((seq, at) => seq !== at + 1))
    .map(({ workflowId, seen }) => `${workflowId} has ${lastOf.get(workflowId)} events, seen: ${seen.join(' ')}`);
}

it(
  `a storm of ${MINUTES} minutes breaks no promise (STORM_SEED=${SEED})`,
  async () => {
    const declared = new DeclaredAnswers(JSON.parse(await readFile('openapi.json', 'utf8')) as ApiDocument);
    const client = new StormClient(sea, declared, randomFrom(SEED));
    const load = new Load(sea, client, SEED);
    const weather = new Weather(sea, SEED);
    const post = (path: string, body: object) =>
      client.ask({ method: 'POST', path: `/api/v1/${path}`, body, expected: [200, 201] });
    const timetables: Timetable[] = [];
    const late: string[] = [];
    let lookLate: NodeJS.Timeout | undefined;
    const weigh = setInterval(() => sea.replicas.forEach((replica) => void replica.weigh()), WEIGH_MS);
    try {
      sea.model.script(...MODEL_RULES);
      const engine = { evaluation_interval: 1, min_arbitration_threshold: 0.1 };
      await post('motivational/engine/start', engine);
      for (const missed of MISSED_FIRES) timetables.push(await Timetable.make(sea.sql, client, missed));

      load.begin();
      await weather.blow(MINUTES * 60_000, IS_WHOLE);
      await load.end();
      sea.model.script(...MODEL_RULES);
      for (const timetable of timetables) await timetable.end();
      await post('motivational/engine/stop', {});
      const calmSinceMs = performance.now();
      lookLate = setTimeout(() => {
        unfinished(sea.sql).then(
          (lines) => late.push(...lines.map((line) => `after ${LATE_MS / 1_000} s: ${line}`)),
          (error: unknown) => late.push(String(error)),
        );
      }, LATE_MS);
      await until(
        'all workflows have ended',
        async () => (await count('workflows WHERE completed_at IS NULL')) === 0,
        LAST_END_MS,
      );
      clearTimeout(lookLate);
      late.unshift(
        `The last workflow had ended ${Math.round((performance.now() - calmSinceMs) / 1_000)} s after the storm.`,
      );
      await until('all who follow have the end', () => load.followers.every(({ hasEnd }) => hasEnd), CALM_MS);
      await load.leave();
      await until(
        'all replicas are idle',
        async () => (await count(`durable.workflow_status WHERE status IN ('PENDING', 'ENQUEUED', 'DELAYED')`)) === 0,
        CALM_MS,
      );

      expect(load.accepted.length).toBeGreaterThan(MINUTES * 20);
      expect(await count(`workflows WHERE id = ANY('{${load.accepted.join(',')}}'::uuid[])`)).toBe(
        new Set(load.accepted).size,
      );
      expect(load.accepted).toHaveLength(new Set(load.accepted).size);
      expect(await lasting(SETTLING_MS, () => brokenPromises(sea.sql))).toEqual([]);
      expect(await lasting(SETTLING_MS, () => wrongBill(sea.sql, sea.model))).toEqual([]);
      for (const timetable of timetables) {
        expect(await timetable.wrongFires()).toEqual([]);
        if (IS_WHOLE) expect(timetable.sleeps.length).toBeGreaterThan(0);
      }
      expect(await wrongFollowers(load)).toEqual([]);
      expect(await sea.leaks()).toEqual([]);
      expect(sea.replicas.flatMap(({ unexpected }) => unexpected)).toEqual([]);
      if (IS_WHOLE) {
        expect([...weather.struck].sort()).toEqual([...new Set(KINDS)].sort());
        expect(weather.fencings).toBeGreaterThan(0);
        expect(sea.failedCalls.length).toBeGreaterThan(0);
        expect(sea.slowCalls.length).toBeGreaterThan(0);
      }
      expect(await count('motivation_decisions')).toBeGreaterThan(0);
      expect(await count('motivational_tasks')).toBeGreaterThan(0);
      expect(load.followers.length).toBeGreaterThan(0);
      expect(await count(`tool_executions WHERE tool_name = 'shell_command' AND success`)).toBeGreaterThan(0);
      const ended = await ends(sea.sql, load.cancelled);
      const of = (end: string): number => ended.get(end) ?? 0;
      expect(of('CANCELLED')).toBe(0);
      const all = [...ended.values()].reduce((sum, one) => sum + one, 0) - of('REVIEW_REJECTED');
      expect(of('completed') / all).toBeGreaterThan(LEAST_COMPLETED);
      expect(load.generations.answered / load.generations.asked).toBeGreaterThan(LEAST_GENERATED);
      const growth = growthOf(sea.replicas);
      expect(growth.filter((one) => !isFlat(one))).toEqual([]);
      if (IS_WHOLE) {
        for (const kind of ['tool_call', 'human_review']) {
          for (const answer of ['approved', 'rejected']) {
            const answered = await count(`approvals WHERE kind = '${kind}' AND status = '${answer}'`);
            expect([kind, answer, answered]).not.toEqual([kind, answer, 0]);
          }
        }
        expect(growth.length).toBeGreaterThan(0);
      }
      expect(await sea.close()).toEqual([]);
      report(client, load, weather, [
        `Generations: ${load.generations.answered} of ${load.generations.asked} answered.`,
        `Ended: ${JSON.stringify(Object.fromEntries(ended))}; ${weather.fencings} fencings; the model answered ${sea.slowCalls.length} calls late and failed ${sea.failedCalls.length}.`,
        `Timetables: ${timetables.map(({ missedFires, sleeps }) => `${missedFires}, asleep ${sleeps.length} times`).join('; ')}.`,
        ...growth.map(told),
        ...late,
      ]);
      expect(client.beside.excused / client.beside.asked).toBeLessThan(MOST_EXCUSED);
      expect(client.share).toBeGreaterThanOrEqual(LEAST_SHARE);
      expect(client.lost.length / client.asked).toBeLessThanOrEqual(MOST_LOST);
      expect(client.strictShare).toBeGreaterThanOrEqual(LEAST_STRICT_SHARE);
    } catch (error) {
      await load.end();
      report(client, load, weather, [
        ...sea.replicas.map((replica) => replica.log()),
        ...growthOf(sea.replicas).map(told),
        ...late,
        ...(await unfinished(sea.sql).catch((why: unknown) => [String(why)])),
      ]);
      await load.leave().catch(() => undefined);
      await sea.release().catch(() => undefined);
      throw error;
    } finally {
      for (const timetable of timetables) timetable.stopSleeping();
      clearInterval(weigh);
      clearTimeout(lookLate);
    }
  },
  2 * MINUTES * 60_000 + LAST_END_MS + 2 * CALM_MS + 180_000,
);

function report(client: StormClient, load: Load, weather: Weather, more: readonly string[]): void {
  const excused = [...client.excused].map(([reason, times]) => `${times} because ${reason}`).join(', ');
  const lines = [
    `STORM_SEED=${SEED}: ${(client.share * 100).toFixed(3)} % of ${client.counted} requests answered as declared (${client.wrong.length} not); excused beside them: ${excused || 'none'}`,
    `(${client.beside.excused} of ${client.beside.asked} that were asked while PostgreSQL was there); ${client.askedAgain} times another replica was asked, ${client.lost.length} requests were lost by one that was well; ${load.accepted.length} workflows accepted, ${load.followers.length} followers.`,
    `Strictly, where a 503 is a failure unless PostgreSQL was away (of a failing model or a full disk too: ${client.unavailable}), and so is what nobody answered, or only another replica: ${(client.strictShare * 100).toFixed(3)} % of ${client.asked}.`,
    ...weather.log,
    ...client.wrong.map((wrong) => `WRONG ${wrong}`),
    ...client.lost.map((lost) => `LOST ${lost}`),
    ...more,
  ];
  process.stdout.write(`\n${lines.join('\n')}\n`);
}

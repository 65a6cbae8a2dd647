import { setTimeout as sleep } from 'node:timers/promises';
import { Chaos, randomFrom } from '../chaos/chaos-fixture.js';
import { cleanUpProcesses, type NyxProcess } from '../support/process.js';
import { until } from '../support/until.js';
import type { Follower } from './follower.js';
import { SocketFollower } from './socket-follower.js';
import { StreamFollower } from './stream-follower.js';

const KEY = 'the-key-of-the-deployment-of-this-test';
const WORKFLOWS = 200;
const AT_ONCE = 10;
const SOCKETS_PER_WORKFLOW = 5;
/** Enough: what streams share with sockets is loaded by those, and each stream keeps to itself what is its own. */
const STREAMS_PER_WORKFLOW = 1;
const CUT_EVERY_MS = 400;
const CUT_SHARE = 0.025;

let chaos: Chaos;
beforeAll(async () => {
  chaos = await Chaos.begin();
  // So long that workflows are under way while followers come and go.
  chaos.model.script({ match: {}, delayMs: 300 });
}, 180_000);
afterAll(async () => {
  await chaos.end();
  await cleanUpProcesses();
}, 180_000);

/** A busy NYX may say that it has no connection to spare: asked again, it accepts the same one. */
async function accepted(nyx: NyxProcess, number: number): Promise<string> {
  const strategy = { execution_preferences: { strategy: 'sequential_decomposition' } };
  for (;;) {
    try {
      return await chaos.accept(nyx, `[[subtasks:2]] ${number}`, strategy, { 'idempotency-key': `workflow-${number}` });
    } catch (error) {
      if (!String(error).includes('answered 503')) throw error;
      await sleep(500);
    }
  }
}

const endedOf = async (ids: readonly string[]): Promise<number> => {
  const { rows } = await chaos.sql.query<{ ended: number }>(
    'SELECT count(*)::int AS ended FROM workflows WHERE id = ANY($1) AND completed_at IS NOT NULL',
    [ids],
  );
  return rows[0]?.ended ?? 0;
};

it('1,000 subscribers and 200 streams that are cut off at random during 200 workflows on two replicas, one killed, get every event once, in order', async () => {
  const random = randomFrom(8);
  const env = { NYX_API_KEY: KEY };
  const [staying, dying] = [await chaos.startNyx(env), await chaos.startNyx(env)];
  let living: NyxProcess[] = [staying, dying];
  const urls = (): string[] => living.map(({ url }) => url);
  const ids: string[] = [];
  const followers: Follower[] = [];
  const following: Promise<void>[] = [];
  const follow = (id: string): void => {
    const those = [
      ...Array.from({ length: SOCKETS_PER_WORKFLOW }, () => new SocketFollower(id, KEY, urls, random)),
      ...Array.from({ length: STREAMS_PER_WORKFLOW }, () => new StreamFollower(id, KEY, urls, random)),
    ];
    followers.push(...those);
    following.push(...those.map((follower) => follower.start()));
  };
  let cuts = 0;
  const cutSome = async (): Promise<void> => {
    for (const follower of followers) if (!follower.hasEnd && random() < CUT_SHARE && follower.cut()) cuts += 1;
    await sleep(CUT_EVERY_MS);
  };
  try {
    while (ids.length < WORKFLOWS) {
      const some = await Promise.all(
        Array.from({ length: AT_ONCE }, (_, at) => accepted(at % 2 === 0 ? staying : dying, ids.length + at)),
      );
      ids.push(...some);
      some.forEach(follow);
      await cutSome();
    }
    while ((await endedOf(ids)) < WORKFLOWS / 3) await cutSome();
    living = [staying];
    await chaos.kill(dying);
    while ((await endedOf(ids)) < WORKFLOWS) await cutSome();
    await until('everybody has the end', () => followers.every(({ hasEnd }) => hasEnd), 120_000);
  } finally {
    for (const follower of followers) follower.stop();
    await Promise.all(following);
  }
  expect(cuts).toBeGreaterThan(100);
  const { rows } = await chaos.sql.query<{ id: string; last: number }>(
    'SELECT workflow_id AS id, last_seq::int AS last FROM event_streams WHERE workflow_id = ANY($1)',
    [ids],
  );
  expect(rows).toHaveLength(WORKFLOWS);
  const lastOf = new Map(rows.map(({ id, last }) => [id, last]));
  for (const { workflowId, seen } of followers) {
    expect(seen).toEqual(Array.from({ length: lastOf.get(workflowId) ?? 0 }, (_, at) => at + 1));
  }
}, 600_000);

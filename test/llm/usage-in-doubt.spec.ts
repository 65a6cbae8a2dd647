import { Logger } from '@nestjs/common';
import type { Reservations } from '../../src/llm/budget/reservations.service.js';
import { InteractionLog } from '../../src/llm/interactions/interaction-log.js';
import { OfflineProvider } from '../../src/llm/providers/offline/offline.provider.js';
import { until } from '../support/until.js';
import { UsageRoom, WAITING } from './usage-room.js';

const room = UsageRoom.forThisFile();
beforeAll(() => {
  Logger.overrideLogger(false);
});

const releases = (): Reservations => room.fixture.transactions(new OfflineProvider(), room.fixture.executor).releases;

/** Calls whose answers wait for `room.server.release('late')`, and whose executor is taken for dead. */
async function leaveInDoubt(count: number): Promise<Promise<unknown>[]> {
  room.server.script({ answer: 'Paris.', hold: 'late' });
  const calls = Array.from({ length: count }, () => room.gateway.call(room.fixture.callFor(undefined)));
  await room.server.waitFor(count);
  await room.gateway.recoverReservations(room.fixture.executor.id);
  return calls;
}

async function idInDoubt(): Promise<string> {
  const [row] = await room.fixture.database.query<{ id: string }>(
    `SELECT id FROM llm_interactions WHERE status = 'in_doubt' LIMIT 1`,
  );
  return row?.id ?? 'none';
}

it('leaves calls in doubt out until they end, by a late answer or by a release', async () => {
  const calls = await leaveInDoubt(2);
  expect(await room.compaction.run()).toBe(0);
  const doubtful = await room.stats.get(undefined);
  expect(doubtful).toMatchObject({ total_requests: 0, total_cost_usd: 0, in_doubt_requests: 2 });
  expect(doubtful.in_doubt_usd).toBeGreaterThan(0);
  expect(await room.told()).toEqual(await room.truth());

  await releases().release(await idInDoubt(), 'admin');
  expect(await room.compaction.run()).toBe(0);
  expect(await room.stats.get(undefined)).toMatchObject({
    total_requests: 1,
    failed_requests: 1,
    in_doubt_requests: 1,
  });
  expect(await room.told()).toEqual(await room.truth());

  room.server.release('late');
  await Promise.all(calls);
  const truth = await room.truth();
  expect(truth).toMatchObject({ stats: { total_cost_usd: room.server.totalChargedUsd().toNumber() } });
  expect(await room.told()).toEqual(truth);
  expect(await room.compaction.run()).toBe(2);
  expect(await room.stats.get(undefined)).toMatchObject({
    total_requests: 2,
    failed_requests: 0,
    in_doubt_requests: 0,
  });
  expect(await room.told()).toEqual(truth);
});

it('has a call once that is answered in the moment it is released', async () => {
  const { database } = room.fixture;
  const calls = await leaveInDoubt(1);
  const id = await idInDoubt();
  await database.transaction(async (tx) => {
    await new InteractionLog().release(tx, id);
    room.server.release('late');
    await until('the answer waits for the release', async () => (await database.query(WAITING)).length === 1);
  });
  await Promise.all(calls);
  expect(await room.queue()).toEqual([id]);
  expect(await room.stats.get(undefined)).toMatchObject({ total_requests: 1, successful_requests: 1 });
  expect(await room.compaction.run()).toBe(1);
  expect(await room.stats.get(undefined)).toMatchObject({ total_requests: 1, successful_requests: 1 });
  expect(await room.told()).toEqual(await room.truth());
});

it('rolls up what an admin released only when no answer can come any more', async () => {
  const { database } = room.fixture;
  const calls = await leaveInDoubt(1);
  await releases().release(await idInDoubt(), 'admin');
  expect(await room.compaction.run()).toBe(0);
  expect(await room.stats.get(undefined)).toMatchObject({
    total_requests: 1,
    failed_requests: 1,
    in_doubt_requests: 0,
  });
  await database.query(`UPDATE llm_interactions SET response_timestamp = response_timestamp - interval '2 days'`);
  await database.query(`UPDATE llm_usage_queue SET final_at = final_at - interval '2 days'`);
  expect(await room.compaction.run()).toBe(1);
  expect(await room.stats.get(undefined)).toMatchObject({
    total_requests: 1,
    failed_requests: 1,
    in_doubt_requests: 0,
  });
  room.server.release('late');
  await Promise.all(calls);
  expect(await room.queue()).toEqual([]);
  expect(await room.told()).toEqual(await room.truth());
});

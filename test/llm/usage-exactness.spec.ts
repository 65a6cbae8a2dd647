import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Database } from '../../src/database/database.service.js';
import { lockVersions } from '../../src/llm/prompt-templates/version-rows.js';
import { ProviderFailure } from '../../src/llm/providers/provider.js';
import { Costs } from '../../src/llm/stats/costs.service.js';
import { Stats } from '../../src/llm/stats/stats.service.js';
import { UsageCompaction } from '../../src/llm/stats/usage-compaction.js';
import { until } from '../support/until.js';
import { UsageRoom, WAITING } from './usage-room.js';

const room = UsageRoom.forThisFile();
beforeAll(() => {
  Logger.overrideLogger(false);
});

const SYSTEM = 'Answer in one word, whatever the question is and whoever asks it. '.repeat(400);

/** Calls of every kind at once: answered, refused, failed, tried again, in doubt; of workflows of every origin and of none. */
async function callAtRandom(count: number): Promise<void> {
  room.server.script(
    { match: { prompt: 'refused' }, answer: '', stopReason: 'refusal' },
    { match: { prompt: 'failing' }, status: 400 },
    { match: { prompt: 'overloaded' }, status: 529, retryAfterMs: 1, times: 3 },
    { match: { prompt: 'cut' }, cut: 'body', times: 4 },
  );
  const workflows = await Promise.all(['user', 'motivation', 'schedule'].map(workflowOf));
  const kinds = ['answered', 'refused', 'failing', 'overloaded', 'cut', 'cached', 'unwritten'];
  const calls = Array.from({ length: count }, (_, index) =>
    callOf(index, kinds[index % kinds.length] ?? '', workflows),
  );
  await Promise.allSettled(calls.map((call) => call()));
}

async function workflowOf(origin: string): Promise<string> {
  const id = await room.fixture.workflow();
  await room.fixture.database.query('UPDATE workflows SET origin = $2 WHERE id = $1', [id, origin]);
  return id;
}

const callOf = (index: number, kind: string, workflows: readonly string[]) => () => {
  const workflowId = workflows[index % 4];
  return room.gateway.call({
    ...room.fixture.callFor(workflowId, { prompt: `${kind} ${index}` }),
    model: index % 3 === 0 ? 'claude-sonnet-5-5' : 'claude-haiku-5-5',
    attribution: { principalId: `person ${index % 5}`, workflowId },
    ...(kind === 'cached' && { system: SYSTEM, reuse: { system: { uses: 5, gapSeconds: 60 } } }),
    ...(kind === 'unwritten' && { commit: () => Promise.reject(new Error('no longer')) }),
  });
};

it('is all zeros, and no division by them, where there was no call', async () => {
  const { by_day: byDay, timestamp, ...rest } = await room.stats.get(undefined);
  expect(rest).toEqual({
    total_requests: 0,
    successful_requests: 0,
    failed_requests: 0,
    success_rate: 0,
    total_tokens_used: 0,
    total_cost_usd: 0,
    in_doubt_requests: 0,
    in_doubt_usd: 0,
    retries: 0,
    input_tokens_saved: 0,
    cost_saved_by_caching: 0,
    native_cache_hits: 0,
    cache_hit_rate: 0,
    circuit_breaker_open: false,
    circuit_breaker_failures: 0,
    circuit_breakers: [],
    native_cache_stats: {
      hits: 0,
      hit_rate: 0,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      uncached_input_tokens: 0,
      cost_without_cache_usd: 0,
      cost_saved_usd: 0,
    },
    by_model: {},
    by_origin: {},
    latency_ms: { p50: 0, p90: 0, p95: 0, p99: 0 },
  });
  expect(byDay).toHaveLength(30);
  expect(byDay.at(-1)).toMatchObject({ day: timestamp.slice(0, 10), requests: 0, success_rate: 0 });
  expect(await room.costs.list({ by: 'workflow' }, undefined)).toMatchObject({
    items: [],
    next_cursor: null,
    total: { cost_usd: 0, in_doubt_usd: 0, requests: 0 },
  });
});

it('is the sum of the rows before, during and after they are rolled up, with calls, reads and two compactions at once', async () => {
  await callAtRandom(70);
  const kinds = await room.fixture.database.query<{ status: string; success: boolean }>(
    'SELECT DISTINCT status, success FROM llm_interactions ORDER BY 1, 2',
  );
  expect(kinds.map(({ status, success }) => `${status} ${success}`)).toEqual([
    'failed false',
    'in_doubt false',
    'succeeded false',
    'succeeded true',
  ]);
  const before = await room.truth();
  expect(before).toMatchObject({ stats: { total_cost_usd: room.server.totalChargedUsd().toNumber() } });
  expect(await room.told()).toEqual(before);

  let isCalling = true;
  const calls = callAtRandom(70).finally(() => (isCalling = false));
  const rollUp = async (): Promise<void> => {
    while (isCalling) await room.compaction.run();
  };
  let charged = 0;
  const read = async (): Promise<void> => {
    while (isCalling) {
      const { total_cost_usd: cost } = await room.stats.get(undefined);
      expect(cost).toBeGreaterThanOrEqual(charged);
      charged = cost;
    }
  };
  await Promise.all([calls, rollUp(), rollUp(), read()]);

  const after = await room.truth();
  expect(after).toMatchObject({ stats: { total_cost_usd: room.server.totalChargedUsd().toNumber() } });
  expect(await room.told()).toEqual(after);
  await room.compaction.run();
  expect(await room.told()).toEqual(after);
  expect(await room.compaction.run()).toBe(0);
});

it('stays exact in every moment of a long compaction', async () => {
  await room.insertEnded(12_000);
  const truth = await room.truth();
  expect(await room.told()).toEqual(truth);
  let rolledUp = 0;
  const rollUpAndRead = async (): Promise<void> => {
    while (rolledUp < 12_000) {
      const calls = await room.compaction.run(0);
      rolledUp += calls;
      expect(await room.told()).toEqual(truth);
    }
  };
  await Promise.all([rollUpAndRead(), rollUpAndRead(), rollUpAndRead()]);
  expect(rolledUp).toBe(12_000);
  expect(await room.queue()).toEqual([]);
  expect(await room.told()).toEqual(truth);
}, 180_000);

it('knows the percentiles of all answers within 1 %, rolled up or not', async () => {
  const exact = async (): Promise<number[]> => {
    const [row] = await room.fixture.database.query<{ ms: number[] }>(
      `SELECT percentile_disc(ARRAY[0.5, 0.9, 0.95, 0.99]) WITHIN GROUP (ORDER BY latency_ms) AS ms
       FROM llm_interactions WHERE status = 'succeeded'`,
    );
    return row?.ms ?? [];
  };
  await room.insertEnded(3_000);
  await room.compaction.run();
  await room.insertEnded(4_999);
  await room.fixture.database.query(
    `UPDATE llm_interactions SET status = 'failed', success = false WHERE id IN (SELECT interaction_id FROM llm_usage_queue) AND latency_ms > 4000`,
  );
  const { latency_ms: all, by_model: models } = await room.stats.get(undefined);
  const expected = await exact();
  const told = [all.p50, all.p90, all.p95, all.p99];
  expect(told.filter((ms, index) => Math.abs(ms - (expected[index] ?? 0)) > ms / 100)).toEqual([]);
  expect(Object.keys(models)).toEqual(['model-0', 'model-1', 'model-2']);
  await room.compaction.run();
  const after = await room.stats.get(undefined);
  expect(after).toMatchObject({ latency_ms: all, by_model: models });
});

it('survives a compaction that dies in the middle, while a second one keeps out of its way', async () => {
  const { database } = room.fixture;
  await room.insertEnded(100);
  await room.compaction.run();
  await room.insertEnded(100);
  const truth = await room.truth();
  const holder = await database.pool.connect();
  try {
    await holder.query('BEGIN');
    await holder.query('SELECT 1 FROM llm_latency_buckets FOR UPDATE');
    const dying = room.compaction.run().catch((error: unknown) => String(error));
    await until('the compaction waits', async () => (await database.query(WAITING)).length === 1);
    expect(await room.compaction.run()).toBe(0);
    expect(await room.told()).toEqual(truth);
    await database.query(`SELECT pg_terminate_backend(pid) FROM (${WAITING}) AS compaction`);
    expect(await dying).toContain('terminat');
    expect(await room.queue()).toHaveLength(100);
    expect(await room.told()).toEqual(truth);
  } finally {
    await holder.query('ROLLBACK');
    holder.release();
  }
  expect(await room.compaction.run()).toBe(100);
  expect(await room.told()).toEqual(truth);
});

it('is not kept from compacting by a change of prompt templates', async () => {
  await room.insertEnded(10);
  await room.fixture.database.transaction(async (tx) => {
    await lockVersions(tx);
    expect(await room.compaction.run()).toBe(10);
  });
});

it('keeps the money of workflows and interactions that are erased', async () => {
  const { database } = room.fixture;
  await callAtRandom(40);
  await database.query(`DELETE FROM llm_interactions WHERE status = 'in_doubt'`);
  const told = await room.told();
  await expect(database.query('DELETE FROM llm_interactions')).rejects.toThrow('fk_llm_usage_queue_interaction');
  await room.compaction.run();
  await database.query('DELETE FROM llm_interactions');
  await database.query('DELETE FROM workflows');
  expect(await room.told()).toEqual(told);
  expect((await room.costs.list({ by: 'workflow' }, undefined)).items.map(({ label }) => label)).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

it('counts a call on the UTC day it was sent, whatever the time zone of the database', async () => {
  const source = new DataSource({
    type: 'postgres',
    url: room.fixture.url,
    extra: { options: '-c timezone=Pacific/Auckland' },
  });
  const database = new Database(await source.initialize());
  try {
    await room.insertEnded(3);
    const utcDay = (ago: number): string => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
    // Named once: midnight may come meanwhile.
    const days = [2, 1, 0].map(utcDay);
    const [, , today = ''] = days;
    const midnight = `timestamptz '${today} 00:00Z'`;
    for (const [cost, time] of [
      ['0.0000000001', `${midnight} - interval '1 microsecond'`],
      ['0.0000000002', midnight],
      ['0.0000000003', `${midnight} - interval '1 day'`],
    ]) {
      await database.query(`UPDATE llm_interactions SET request_timestamp = ${time} WHERE cost_usd = $1`, [cost]);
    }
    const stats = new Stats(database, room.breakers);
    const costs = new Costs(database);
    const told = async () => ({
      stats: (await stats.get(undefined)).by_day
        .filter(({ day }) => days.includes(day))
        .map(({ cost_usd: cost }) => cost),
      costs: (await costs.list({ by: 'day' }, undefined)).items.map(({ cost_usd: cost }) => cost),
    });
    const expected = { stats: [0, 4e-10, 2e-10], costs: [2e-10, 4e-10] };
    expect(await told()).toEqual(expected);
    const last = (await stats.get(undefined)).by_day.at(-1)?.day;
    expect([today, utcDay(0)]).toContain(last);
    await new UsageCompaction(database).run();
    expect(await told()).toEqual(expected);
    expect((await costs.list({ by: 'model', from: today, to: today }, undefined)).total).toMatchObject({
      cost_usd: 2e-10,
    });
  } finally {
    await source.destroy();
  }
});

it('shows the circuit breakers', async () => {
  const outage = (model: string): Promise<unknown> =>
    room.breakers.run('anthropic', model, () => Promise.resolve(new ProviderFailure('broken', 'unknown')));
  const { breakerFailures } = room.fixture.config.llm;
  for (let count = 1; count < breakerFailures; count += 1) await outage('claude-sonnet-5-5');
  const [closed] = room.breakers.list();
  expect(await room.stats.get(undefined)).toMatchObject({
    circuit_breaker_open: false,
    circuit_breaker_failures: breakerFailures - 1,
  });
  for (let count = 1; count <= breakerFailures; count += 1) await outage('claude-haiku-5-5');
  expect(await room.stats.get(undefined)).toMatchObject({
    circuit_breaker_open: true,
    circuit_breaker_failures: 2 * breakerFailures - 1,
    circuit_breakers: [
      closed,
      { provider: 'anthropic', model: 'claude-haiku-5-5', state: 'open', failures: breakerFailures },
    ],
  });
});

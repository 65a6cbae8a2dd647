import { setTimeout as pause } from 'node:timers/promises';
import { Body, Controller, HttpCode, Post, Res } from '@nestjs/common';
import type { Response } from 'express';
import { Requires } from '../../src/auth/access.decorators.js';
import { Database } from '../../src/database/database.service.js';
import { IdempotencyService } from '../../src/http/idempotency/idempotency.service.js';
import { type IdempotencyClaim, IdempotencyStore } from '../../src/http/idempotency/idempotency.store.js';
import { CurrentClaim, Idempotent } from '../../src/http/idempotency/idempotent.decorator.js';
import { Problem } from '../../src/http/problem.js';
import { UuidParam } from '../../src/http/uuid-param.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/until.js';
import { type Answer, call, expectProblem } from './client.js';
import { DEPLOYMENT_KEY, startProbeApp, type ProbeApp } from './probe-app.js';

const { jest } = import.meta;

interface Work {
  /** What the handler does: answer, refuse, break, or bind a workflow and then answer or break. */
  readonly act?: 'refuse' | 'break' | 'bind' | 'bind_and_break';
  readonly delay_ms?: number;
}

/** Which of the probe's works ran, over all replicas of a test. */
let runs = 0;

@Requires('operator')
@Controller('probe')
class WorkProbe {
  constructor(
    private readonly database: Database,
    private readonly idempotency: IdempotencyService,
  ) {}

  @Post('work')
  @HttpCode(200)
  @Idempotent()
  async work(
    @Body() { act, delay_ms = 0 }: Work,
    @CurrentClaim() claim: IdempotencyClaim | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<object> {
    runs += 1;
    const run = runs;
    await pause(delay_ms);
    if (act === 'refuse') throw new Problem('CONFLICT', 'Not now.');
    if (act === 'break') throw new Error('broken');
    const bound = act?.startsWith('bind') === true && claim ? await this.bind(claim) : undefined;
    if (act === 'bind_and_break') throw new Error('broken');
    response.status(202).set('Location', `/work/${run}`);
    return { z: run, a: [1.5, null], workflow: bound?.id, created: bound?.isNew };
  }

  @Post('other')
  @Idempotent()
  other(): object {
    return { other: true };
  }

  @Post('rows/:id/work')
  @Idempotent()
  workOnRow(@UuidParam() id: string): object {
    runs += 1;
    return { id };
  }

  private bind(claim: IdempotencyClaim): Promise<{ id: string; isNew: boolean }> {
    return this.database.transaction((tx) => this.idempotency.bind(tx, claim));
  }
}

let first: ProbeApp;
let second: ProbeApp;
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  first = await startProbeApp(database.url, [WorkProbe]);
  second = await startProbeApp(database.url, [WorkProbe]);
});
afterAll(async () => {
  await Promise.all([first.close(), second.close()]);
  await database.drop();
});
beforeEach(() => {
  runs = 0;
});

const send = (key: string | undefined, body: object, { url } = first, path = 'work'): Promise<Answer> =>
  call(`${url}/probe/${path}`, {
    body,
    headers: { 'x-api-key': DEPLOYMENT_KEY, ...(key !== undefined && { 'idempotency-key': key }) },
  });

const rows = (key: string): Promise<object[]> =>
  first.database.query('SELECT * FROM idempotency_keys WHERE key = $1', [key]);

describe('one key, one result', () => {
  it('is given again, byte for byte, with status and Location, also by another replica', async () => {
    const answers = [await send('again', {}), await send('again', {}), await send('again', {}, second)];
    expect(runs).toBe(1);
    for (const answer of answers) {
      expect(answer.status).toBe(202);
      expect(answer.text).toBe(answers[0]?.text);
      expect(answer.headers.get('location')).toBe('/work/1');
    }
    expect(answers.map(({ headers }) => headers.get('idempotency-replayed'))).toEqual([null, 'true', 'true']);
  });

  it('without a key every request works', async () => {
    await send(undefined, {});
    await send(undefined, {});
    expect(runs).toBe(2);
  });

  it('50 at once on two replicas work once, and all wait for it', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => send('at-once', { delay_ms: 300 }, index % 2 ? first : second)),
    );
    expect(runs).toBe(1);
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
  });

  it('the order of members does not matter, anything else does', async () => {
    await send('body', { act: undefined, delay_ms: 1, more: { a: 1, b: 2 } });
    expect((await send('body', { more: { b: 2, a: 1 }, delay_ms: 1 })).status).toBe(202);
    for (const body of [{}, { delay_ms: 2 }, { delay_ms: 1, more: { a: 1, b: 3 } }]) {
      expectProblem(await send('body', body), 422, 'IDEMPOTENCY_MISMATCH');
    }
    expect(runs).toBe(1);
  });

  it('keys are per route', async () => {
    await send('route', {});
    expect((await send('route', {}, first, 'other')).body).toEqual({ other: true });
  });

  it.each(['work/', 'WORK'])('%s is no other route than work', async (spelling) => {
    await send(spelling, {});
    expectProblem(await send(spelling, { delay_ms: 1 }, first, spelling), 422, 'IDEMPOTENCY_MISMATCH');
    expect(runs).toBe(1);
  });

  it('a row is the same however its id is written, and another row is another route', async () => {
    const id = 'abcdef00-0000-4000-8000-000000000000';
    await send('row', {}, first, `rows/${id}/work`);
    for (const spelling of [id.toUpperCase(), id.replace('a', '%61')]) {
      const again = await send('row', {}, first, `rows/${spelling}/work`);
      expect(again.headers.get('idempotency-replayed')).toBe('true');
    }
    await send('row', {}, first, `rows/${id.replace('a', 'b')}/work`);
    expect(runs).toBe(2);
  });

  it('what an earlier release has kept by the address as it was asked for is found', async () => {
    const id = 'abcdef00-0000-4000-8000-000000000000';
    await send('kept', {}, first, `rows/${id}/work`);
    expect(await rows('kept')).toMatchObject([{ route: `POST /probe/rows/${id}/work` }]);
  });

  it.each(['', 'x'.repeat(256), '   ', 'ä'])('the key %j is refused', async (key) => {
    expectProblem(await send(Buffer.from(key).toString('latin1'), {}), 400, 'VALIDATION_ERROR');
    expect(runs).toBe(0);
  });

  it('a key of 255 characters is fine', async () => {
    expect((await send('x'.repeat(255), {})).status).toBe(202);
  });
});

describe('errors', () => {
  it.each([
    ['refuse', 409, 'CONFLICT'],
    ['break', 500, 'INTERNAL'],
  ] as const)('are not kept (%s)', async (act, status, code) => {
    expectProblem(await send(`error-${act}`, { act }), status, code);
    expect(await rows(`error-${act}`)).toEqual([]);
    expectProblem(await send(`error-${act}`, { act }), status, code);
    expect(runs).toBe(2);
  });

  it('an error after a workflow was bound keeps the workflow', async () => {
    expectProblem(await send('bound', { act: 'bind_and_break' }), 500, 'INTERNAL');
    const [row] = (await rows('bound')) as { workflow_id: string }[];
    expect(row?.workflow_id).toMatch(/^[0-9a-f-]{36}$/);
    expectProblem(await send('bound', { act: 'bind_and_break' }), 500, 'INTERNAL');
    expect(await rows('bound')).toMatchObject([{ workflow_id: row?.workflow_id }]);
  });
});

describe('a claim whose process died', () => {
  const abandon = (key: string, age: string): Promise<object[]> =>
    first.database.query(
      `UPDATE idempotency_keys SET completed_at = NULL, response_status = NULL, claim_id = gen_random_uuid(),
         claimed_at = now() - $2::interval WHERE key = $1`,
      [key, age],
    );

  it('is taken over after 15 s without a beat, with the workflow it bound', async () => {
    const before = (await send('dead', { act: 'bind' })).body as { workflow: string; created: boolean };
    expect(before.created).toBe(true);
    await abandon('dead', '14 seconds');
    const answer = await send('dead', { act: 'bind' }, second);
    expect(runs).toBe(2);
    expect(answer.body).toMatchObject({ workflow: before.workflow, created: false });
  });

  it('is taken over after 15 s also where the clock of the database has gone back', async () => {
    await send('ahead', {});
    await abandon('ahead', '-1 hour');
    const waiting = send('ahead', {});
    await until('it counts anew', async () => {
      const [row] = (await rows('ahead')) as { claimed_at: Date }[];
      return row !== undefined && row.claimed_at.getTime() < Date.now() + 60_000;
    });
    // It has the time to beat that everybody has.
    expect(runs).toBe(1);
    await abandon('ahead', '20 seconds');
    expect((await waiting).status).toBe(202);
    expect(runs).toBe(2);
  });

  it('is waited for while it beats', async () => {
    await send('alive', {});
    await abandon('alive', '1 second');
    const beats = setInterval(() => void abandon('alive', '0 seconds'), 100);
    const waiting = send('alive', {});
    expect(await Promise.race([waiting, pause(1000, 'waiting')])).toBe('waiting');
    clearInterval(beats);
    await abandon('alive', '20 seconds');
    expect((await waiting).status).toBe(202);
    expect(runs).toBe(2);
  });
});

it('a key is free again after 24 hours, for any body', async () => {
  await send('old', { act: 'bind' });
  await first.database.query(`UPDATE idempotency_keys SET created_at = now() - interval '25 hours' WHERE key = 'old'`);
  const answer = await send('old', { delay_ms: 1 });
  expect(answer.status).toBe(202);
  expect(await rows('old')).toMatchObject([{ workflow_id: null }]);
});

it('concurrent binds agree on one resource, and another body is refused', async () => {
  const service = first.app.get(IdempotencyService);
  const claim = { principalId: 'p', route: 'r', key: 'k', bodyHash: 'h' };
  const bind = (bodyHash: string): Promise<{ id: string; isNew: boolean }> =>
    first.database.transaction((tx) => service.bind(tx, { ...claim, bodyHash }));
  const bound = await Promise.all(Array.from({ length: 8 }, () => bind('h')));
  expect(new Set(bound.map(({ id }) => id)).size).toBe(1);
  expect(bound.filter(({ isNew }) => isNew)).toHaveLength(1);
  await expect(bind('other')).rejects.toMatchObject({ code: 'IDEMPOTENCY_MISMATCH' });
});

it('a purge that fails takes no finished result with it', async () => {
  class FailingPurge extends IdempotencyStore {
    purges = 0;

    override purge(): Promise<void> {
      this.purges += 1;
      return Promise.reject(new Error('canceling statement due to statement timeout'));
    }
  }
  const store = new FailingPurge(first.database);
  const service = new IdempotencyService(store);
  const claim = { principalId: 'p', route: 'POST /purged', key: 'purged', bodyHash: 'h' };
  let worked = 0;
  const once = (): ReturnType<IdempotencyService['once']> =>
    service.once(
      claim,
      () => Promise.resolve({ status: 200, headers: {}, body: String((worked += 1)) }),
      AbortSignal.timeout(5_000),
    );
  const answers = [await once(), await once()];
  expect(answers).toMatchObject([
    { kind: 'fresh', response: { body: '1' } },
    { kind: 'replayed', response: { body: '1' } },
  ]);
  expect(worked).toBe(1);
  expect(store.purges).toBe(1);
});

it('keys older than a day are removed again after a while, also when the clock of the machine goes back meanwhile', async () => {
  const store = new IdempotencyStore(first.database);
  const isLeft = async (key: string): Promise<boolean> => {
    await first.database.query(
      `INSERT INTO idempotency_keys (principal_id, route, key, body_hash, claim_id, created_at)
       VALUES ('p', 'POST /old', $1, 'h', gen_random_uuid(), now() - interval '25 hours')`,
      [key],
    );
    await store.purge();
    return (await rows(key)).length > 0;
  };
  expect(await isLeft('purged at first')).toBe(false);
  expect(await isLeft('not yet due')).toBe(true);
  const wallMs = Date.now();
  const sinceStartMs = performance.now();
  try {
    jest.spyOn(Date, 'now').mockReturnValue(wallMs - 86_400_000);
    jest.spyOn(performance, 'now').mockReturnValue(sinceStartMs + 11 * 60_000);
    expect(await isLeft('purged later')).toBe(false);
  } finally {
    jest.restoreAllMocks();
  }
});

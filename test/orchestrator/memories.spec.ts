import { randomUUID } from 'node:crypto';
import { Recovery } from '../../src/durable/recovery.service.js';
import { MemorySearch } from '../../src/orchestrator/memory/memory-search.js';
import { MemoryStore } from '../../src/orchestrator/memory/memory-store.js';
import { MemorySweep } from '../../src/orchestrator/memory/memory-sweep.js';
import { MAX_PER_PLACE } from '../../src/orchestrator/memory/memory.values.js';
import { startApp, type TestApp } from '../support/app.js';
import { until } from '../support/until.js';
import { Database } from '../../src/database/database.service.js';

let nyx: TestApp;
beforeAll(async () => {
  nyx = await startApp();
  // Then its turn in the background does not come again while these tests run.
  const recovery = nyx.app.get<Recovery, { sweep(): Promise<void> }>(Recovery);
  let hasSwept = false;
  nyx.app.get(Recovery).onSweep(() => Promise.resolve(void (hasSwept = true)));
  await until('memories have been swept', async () => {
    await recovery.sweep();
    return hasSwept;
  });
});
afterAll(async () => {
  await nyx.close();
});

interface Memory {
  id: string;
  scope: string;
  scope_key: string | null;
  memory_type: string;
  content: string;
  score: number | null;
  principal_id: string;
  expires_at: string;
  created_at: string;
}

const send = (method: string, path = '', body?: unknown, headers?: Record<string, string>): Promise<Response> =>
  nyx.request('operator', method, `/api/v1/orchestrator/memories${path}`, body, headers);

const write = async (content: string, more: object = {}): Promise<Memory> => {
  const answer = await send('POST', '', {
    scope: 'session',
    scope_key: 'a-session',
    memory_type: 'context',
    content,
    ...more,
  });
  expect(answer.status).toBe(201);
  return (await answer.json()) as Memory;
};

const list = async (query: string): Promise<Memory[]> => {
  const answer = await send('GET', `?${query}`);
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { items: Memory[] }).items;
};

const contents = async (query: string): Promise<string[]> => (await list(query)).map(({ content }) => content);

describe('a memory', () => {
  it('is written with whose it is and how long it is kept, read, and forgotten', async () => {
    const made = await write('The customer wants answers in French.', { metadata: { by: 'hand' } });
    expect(made.principal_id).not.toBe('');
    expect(made.score).toBeNull();
    const days = (Date.parse(made.expires_at) - Date.parse(made.created_at)) / 86_400_000;
    expect(days).toBeCloseTo(30, 5);
    expect(await (await send('GET', `/${made.id}`)).json()).toEqual(made);
    expect((await send('DELETE', `/${made.id}`)).status).toBe(204);
    expect((await send('DELETE', `/${made.id}`)).status).toBe(404);
    expect((await send('GET', `/${made.id}`)).status).toBe(404);
  });

  it('is written once with a key', async () => {
    const body = { scope: 'session', scope_key: 'once', memory_type: 'decision', content: 'Twice said.' };
    const headers = { 'idempotency-key': randomUUID() };
    const answers = await Promise.all([1, 2, 3].map(() => send('POST', '', body, headers)));
    const ids = await Promise.all(answers.map(async (answer) => ((await answer.json()) as Memory).id));
    expect(new Set(ids).size).toBe(1);
    expect(await list('scope_key=once')).toHaveLength(1);
  });

  it.each([
    [{ scope: 'global', scope_key: 'x' }, 'scope_key'],
    [{ scope: 'session', scope_key: undefined }, 'scope_key'],
    [{ scope: 'session', scope_key: null }, 'scope_key'],
    [{ metadata: { long: 'x'.repeat(20_000) } }, 'metadata'],
    [{ content: 'x'.repeat(16_001) }, 'content'],
    [{ relevance: 2 }, 'relevance'],
  ])('is not written as %o', async (more, field) => {
    const body = { scope: 'session', scope_key: 'refused', memory_type: 'context', content: 'No.', ...more };
    const answer = await send('POST', '', body);
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain(field);
    expect(await list('scope_key=refused')).toEqual([]);
  });

  it('is written and forgotten by operators only', async () => {
    const path = '/api/v1/orchestrator/memories';
    const body = { scope: 'global', memory_type: 'context', content: 'No.' };
    expect((await nyx.request('viewer', 'POST', path, body)).status).toBe(403);
    expect((await nyx.request('viewer', 'DELETE', `${path}/${randomUUID()}`)).status).toBe(403);
  });
});

describe('a list of memories', () => {
  it('is filtered, and paged newest first without losing any', async () => {
    for (let n = 0; n < 5; n += 1) await write(`Number ${n}`, { scope_key: 'paged' });
    await write('Another', { scope_key: 'paged', memory_type: 'decision' });
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const answer: Response = await send(
        'GET',
        `?scope_key=paged&type=context&limit=2${cursor && `&cursor=${cursor}`}`,
      );
      const page = (await answer.json()) as { items: Memory[]; next_cursor: string | null };
      seen.push(...page.items.map(({ content }) => content));
      cursor = page.next_cursor;
    }
    expect(seen).toEqual([4, 3, 2, 1, 0].map((n) => `Number ${n}`));
  });

  it('leaves out what has expired', async () => {
    const { id } = await write('Old news', { scope_key: 'expired' });
    await nyx.app.get(Database).query(`UPDATE memories SET expires_at = now() WHERE id = $1`, [id]);
    expect(await list('scope_key=expired')).toEqual([]);
    expect(await list('scope_key=expired&q=news')).toEqual([]);
    expect((await send('GET', `/${id}`)).status).toBe(404);
  });
});

describe('a search', () => {
  beforeAll(async () => {
    await write('Reports about tea are due on Mondays.', { scope_key: 'search' });
    await write('Tea, tea and more tea: the tea report of the tea house.', { scope_key: 'search' });
    await write('Coffee is for the guests.', { scope_key: 'search', memory_type: 'decision' });
    await write('A tea report that hardly matters.', { scope_key: 'search', relevance: 0.1 });
  });

  it('finds words in their forms, most relevant first, with how relevant they are', async () => {
    const found = await list('scope_key=search&q=report+teas');
    expect(found.map(({ content }) => content.slice(0, 11))).toEqual(['Tea, tea an', 'Reports abo', 'A tea repor']);
    const scores = found.map(({ score }) => score ?? -1);
    expect(scores).toEqual([...scores].sort((one, other) => other - one));
    expect(scores.every((score) => score > 0 && score <= 1)).toBe(true);
  });

  it('knows phrases, or and not, and filters', async () => {
    expect(await contents('scope_key=search&q=%22for+the+guests%22')).toEqual(['Coffee is for the guests.']);
    expect(await contents('scope_key=search&q=monday+or+coffee&type=decision')).toEqual(['Coffee is for the guests.']);
    expect(await contents('scope_key=search&q=report+-house+-hardly')).toEqual([
      'Reports about tea are due on Mondays.',
    ]);
    expect(await contents('scope_key=search&q=tea&limit=1')).toHaveLength(1);
    expect(await contents('scope_key=elsewhere&q=tea')).toEqual([]);
  });

  it('is not continued by a cursor', async () => {
    expect((await send('GET', '?q=tea&cursor=abc')).status).toBe(400);
  });

  const hostile = [
    "'",
    "''':*",
    '\\',
    "\\' | '",
    '& | ! <-> ( ) :*',
    '"""',
    '" or -" -',
    '!!!(((',
    "tea'); DROP TABLE memories; --",
    '%',
    '_%\\_',
    "a:*b:A<2>c '&' http://x.y/?a=1&b='2'&c=\\",
    'the of and',
    '\u200b\ufeff\u2028',
    '💣'.repeat(200),
    'ж'.repeat(1000),
    'x-y-z foo-bar_baz@x.com /a&b/c',
    `${'('.repeat(500)}${'&'.repeat(500)}`,
  ];

  it.each(hostile)('takes any text: %j', async (text) => {
    const answer = await send('GET', `?q=${encodeURIComponent(text)}`);
    expect([text, answer.status]).toEqual([text, 200]);
    await expect(nyx.app.get(MemorySearch).related(text, { owner: undefined })).resolves.toBeDefined();
  });

  it('looks for text, not for patterns', async () => {
    expect(await contents('scope_key=search&q=%25ea')).toEqual([]);
    expect(await contents('scope_key=search&q=t_a')).toEqual([]);
  });
});

describe('what an agent reads', () => {
  it('is its own, its workflow’s and everybody’s', async () => {
    const agent = { agentId: randomUUID(), workflowId: randomUUID() };
    const keys = {
      agent: [agent.agentId, randomUUID()],
      thought_tree: [agent.workflowId, agent.agentId],
      session: ['s'],
    };
    for (const [scope, scopeKeys] of Object.entries(keys)) {
      for (const key of scopeKeys) await write(`Zebra of ${scope} ${key}`, { scope, scope_key: key });
    }
    await write('Zebra of all', { scope: 'global', scope_key: undefined });
    const reader = { owner: undefined, agent };
    const search = nyx.app.get(MemorySearch);
    const own = [`Zebra of agent ${agent.agentId}`, 'Zebra of all', `Zebra of thought_tree ${agent.workflowId}`];
    const found = await search.search({ text: 'zebra', minRelevance: 0 }, reader);
    expect(found.map(({ row }) => row.content).sort()).toEqual(own);
    const related = await search.related('zebra', reader);
    expect(related.map(({ row }) => row.content).sort()).toEqual(own);
    const [other] = await list(`scope_key=s&q=zebra`);
    const store = nyx.app.get(MemoryStore);
    await expect(store.get(other?.id ?? '', reader)).rejects.toThrow('does not exist');
    expect(await store.forget(other?.id ?? '', reader)).toBe(false);
    const [all] = await list('scope=global&q=zebra');
    expect(await store.forget(all?.id ?? '', reader)).toBe(false);
  });
});

describe('forgetting', () => {
  const fill = async (key: string, count: number, more = ''): Promise<void> => {
    await nyx.app.get(Database).query(
      `INSERT INTO memories (id, scope, scope_key, memory_type, content, search, relevance, last_used_at, created_at, expires_at)
       SELECT gen_random_uuid(), 'session', $1, 'context', 'Number ' || n, to_tsvector('number'), 0.9,
              CASE WHEN n % 2 = 0 THEN now() - interval '10 days' END, now() - interval '10 days', now() + interval '1 day' ${more}
         FROM generate_series(1, $2::int) n`,
      [key, count],
    );
  };
  const counts = async (key: string): Promise<{ used: number; unused: number }> => {
    const [row] = await nyx.app
      .get(Database)
      .query<{ used: number; unused: number }>(
        `SELECT count(last_used_at)::int AS used, (count(*) - count(last_used_at))::int AS unused FROM memories WHERE scope_key = $1`,
        [key],
      );
    return row ?? { used: -1, unused: -1 };
  };

  it('takes a whole place, or what is old there', async () => {
    await fill('place', 4);
    await write('New', { scope_key: 'place' });
    const store = nyx.app.get(MemoryStore);
    expect(await store.forgetPlace({ scope: 'session', scopeKey: 'place' }, undefined, 11)).toBe(0);
    expect(await store.forgetPlace({ scope: 'session', scopeKey: 'place' }, undefined, 9)).toBe(4);
    expect(await store.forgetPlace({ scope: 'session', scopeKey: 'place' }, undefined)).toBe(1);
  });

  it('takes the weakest of a place that has too many, those never used first, however many sweep at once', async () => {
    await fill('full', MAX_PER_PLACE + 700);
    await fill('calm', 10);
    const sweep = nyx.app.get(MemorySweep);
    await Promise.all([1, 2, 3, 4].map(() => sweep.run()));
    await sweep.run();
    expect(await counts('full')).toEqual({ used: 850, unused: 150 });
    expect(await counts('calm')).toEqual({ used: 5, unused: 5 });
    expect(await sweep.run()).toBe(0);
  });

  it('takes what has expired, in batches', async () => {
    await fill('gone', 1200, `- interval '2 days'`);
    const sweep = nyx.app.get(MemorySweep);
    const gone = await Promise.all([sweep.run(), sweep.run()]);
    expect(gone[0] + gone[1] + (await sweep.run())).toBeGreaterThanOrEqual(1200);
    expect(await counts('gone')).toEqual({ used: 0, unused: 0 });
  });
});

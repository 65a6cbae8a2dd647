import { randomUUID } from 'node:crypto';
import type { Route } from '../docs/operations.js';
import type { Answer } from '../http/client.js';
import { IsolationRoom, routes, type Who } from './isolation-room.js';

/** Paths that name what all share; whoever adds one says so here. */
const SHARED = new Set([
  'GET /api/v1/llm/prompt-templates/{id}',
  'GET /api/v1/motivational/states/{type}',
  'POST /api/v1/motivational/states/{type}/boost',
  // Each in their own folder: isolation-files.spec.ts.
  'GET /api/v1/tools/files/{path}',
  'PUT /api/v1/tools/files/{path}',
  'DELETE /api/v1/tools/files/{path}',
]);

const named = routes.filter(({ path }) => path.includes('{'));
const owned = named.filter(({ name, operation }) => operation['x-required-role'] !== 'admin' && !SHARED.has(name));

let room: IsolationRoom;
let ids: ReadonlyMap<string, string>;
beforeAll(async () => {
  room = await IsolationRoom.start();
  ids = await room.everythingOf('a');
}, 180_000);
afterAll(() => room.close());

const collectionOf = ({ path }: Route): string => path.split('/{')[0]?.split('/').at(-1) ?? '';

const ask = (who: Who, { method, path }: Route, id: string): Promise<Answer> => {
  const address = path.replace('{id}', id).replace('{approval_id}', ids.get('approvals') ?? '');
  return room.call(who, method, address, method === 'GET' || method === 'DELETE' ? undefined : {});
};

/** What an answer says, without what every answer has of its own and without the id that was asked for. */
function said({ status, body }: Answer, id: string): unknown {
  const {
    request_id: _id,
    timestamp: _at,
    instance: _instance,
    path: _path,
    ...rest
  } = body as Record<string, unknown>;
  return JSON.parse(JSON.stringify({ ...rest, status }).replaceAll(id, '…'));
}

it('names only routes that there are', () => {
  expect([...SHARED].filter((name) => !named.some((route) => route.name === name))).toEqual([]);
  expect(owned.length).toBeGreaterThan(25);
});

it.each(owned.map((route) => [route.name, route] as const))(
  '%s says of another’s id what it says of none',
  async (_name, route) => {
    const id = ids.get(collectionOf(route));
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    const nobodys = randomUUID();
    const ofNobody = await ask('b', route, nobodys);
    const ofAnother = await ask('b', route, id ?? '');
    expect(ofNobody).toMatchObject({ status: 404, body: { error_code: 'NOT_FOUND' } });
    expect(said(ofAnother, id ?? '')).toEqual(said(ofNobody, nobodys));
    expect((await ask('viewer', route, id ?? '')).status).toBe(route.method === 'GET' ? 404 : 403);
  },
);

it.each(owned.filter(({ method }) => method === 'GET').map((route) => [route.name, route] as const))(
  '%s answers whose it is, and admins',
  async (_name, route) => {
    const id = ids.get(collectionOf(route)) ?? '';
    for (const who of ['a', 'admin'] as const) expect([who, (await ask(who, route, id)).status]).toEqual([who, 200]);
  },
);

it('an id that is none is said to be none', async () => {
  expect((await room.call('b', 'GET', '/api/v1/orchestrator/workflows/none')).status).toBe(400);
});

it('an approval is of its workflow: naming it under an own one does not help', async () => {
  const own = await room.made(
    'b',
    'orchestrator/workflows/execute',
    { input_type: 'user_prompt', content: { prompt: 'Hello.' } },
    'workflow_id',
  );
  const path = `/api/v1/orchestrator/workflows/${own}/approvals/${ids.get('approvals') ?? ''}`;
  expect((await room.call('b', 'POST', path, { decision: 'approve' })).status).toBe(404);
});

import { readFileSync } from 'node:fs';
import {
  addressOf,
  type ApiDocument,
  bodySchemaOf,
  exampleOf,
  resolved,
  type Route,
  routesOf,
  type Schema,
} from '../docs/operations.js';
import { startApp, type TestApp } from '../support/app.js';
import { until } from '../support/until.js';
import { bearer, call, expectProblemShape } from './client.js';
import { populate } from './populated.js';

const document = JSON.parse(readFileSync('openapi.json', 'utf8')) as ApiDocument;
const REVIEWED = {
  input_type: 'user_prompt',
  content: { prompt: 'Say hello.' },
  execution_context: {
    execution_preferences: { strategy: 'direct_execution' },
    quality_settings: { require_human_review: true },
  },
};
/** Each has a name of its own, or all but the first would collide before anything else is looked at. */
const UNIQUE = new Set(['name', 'username']);

let nyx: TestApp;
let admin: Record<string, string>;
/** What the paths' places stand for, by the beginning of the path. */
let places: readonly (readonly [string, Readonly<Record<string, string>>])[];

beforeAll(async () => {
  nyx = await startApp();
  admin = bearer(await nyx.token('admin'));
  const ids = await populate(nyx.url, admin);
  const workflow = ids.get('workflows') ?? '';
  await until('the workflow has ended', async () => {
    const { body } = await get<{ completed_at: string | null }>(`orchestrator/workflows/${workflow}`);
    return body.completed_at !== null;
  });
  const budgets = await get<{ items: { id: string }[] }>('llm/budgets');
  const { reviewed, approval } = await reviewedWorkflow();
  places = [
    [`/orchestrator/workflows/{id}/approvals/`, { id: reviewed, approval_id: approval }],
    ['/orchestrator/thought-trees/', { id: workflow }],
    ['/llm/budgets/', { id: budgets.body.items[0]?.id ?? '' }],
    ...[...ids].map(([collection, id]) => [`/${collection}/`, { id }] as const),
  ];
}, 120_000);
afterAll(() => nyx.close());

const get = <Body>(path: string) => call<Body>(`${nyx.url}/api/v1/${path}`, { headers: admin });

async function reviewedWorkflow(): Promise<{ reviewed: string; approval: string }> {
  const headers = { ...admin, prefer: 'respond-async' };
  const accepted = await call<{ workflow_id: string }>(`${nyx.url}/api/v1/orchestrator/workflows/execute`, {
    headers,
    body: REVIEWED,
  });
  const reviewed = accepted.body.workflow_id;
  let approval = '';
  await until('people are asked', async () => {
    const { body } = await get<{ items: { id: string }[] }>(`orchestrator/workflows/${reviewed}/approvals`);
    approval = body.items[0]?.id ?? '';
    return approval !== '';
  });
  return { reviewed, approval };
}

type Body = Readonly<Record<string, unknown>>;

/** The example with null for one member after the other, those of its objects too. */
function* nulled(schema: Schema, example: Body, at = ''): Generator<readonly [what: string, body: Body]> {
  for (const [name, member] of Object.entries(schema.properties ?? {})) {
    yield [`${at}${name}: null`, { ...example, [name]: null }];
    const inside = resolved(document, member);
    const value = example[name];
    if (inside.properties === undefined || typeof value !== 'object' || value === null) continue;
    for (const [what, body] of nulled(inside, value as Body, `${at}${name}.`))
      yield [what, { ...example, [name]: body }];
  }
}

let made = 0;
function named(body: Body): Body {
  made += 1;
  const own = Object.keys(body).filter((name) => UNIQUE.has(name) && typeof body[name] === 'string');
  return { ...body, ...Object.fromEntries(own.map((name) => [name, `null-${made}`])) };
}

const placeOf = (route: Route): string =>
  addressOf(route, places.find(([beginning]) => route.path.includes(beginning))?.[1]);

const withBodies = routesOf(document).filter((route) => bodySchemaOf(document, route)?.properties !== undefined);

it.each(withBodies.map((route) => [route.name, route] as const))(
  '%s takes null for a member as if it were left out, or refuses it',
  async (_name, route) => {
    const schema = bodySchemaOf(document, route) ?? {};
    const example = (exampleOf(document, schema) ?? {}) as Body;
    const optional = new Set(Object.keys(schema.properties ?? {}).filter((name) => !schema.required?.includes(name)));
    const complaints: string[] = [];
    for (const [what, body] of nulled(schema, example)) {
      const address = `${nyx.url}${placeOf(route)}`;
      const answer = await call(address, { method: route.method, headers: admin, body: named(body) });
      const at = `${what}: ${answer.status} ${answer.text.slice(0, 300)}`;
      if (answer.status >= 500) complaints.push(at);
      else if (answer.status >= 400) expectProblemShape(answer);
      // What is there is found, or nothing would be seen of what becomes of the null.
      if (answer.status === 404 && optional.has(what.split(':', 1)[0] ?? '')) complaints.push(at);
    }
    expect(complaints).toEqual([]);
  },
  60_000,
);

it('looks at every route that takes JSON', () => {
  expect(withBodies.length).toBeGreaterThan(25);
});

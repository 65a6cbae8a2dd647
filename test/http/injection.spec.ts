import { readFileSync } from 'node:fs';
import {
  addressOf,
  type ApiDocument,
  type Parameter,
  parametersIn,
  resolved,
  type Route,
  routesOf,
} from '../docs/operations.js';
import { startApp, type TestApp } from '../support/app.js';
import { bearer, call, expectProblemShape } from './client.js';
import { HOSTILE_CURSORS, HOSTILE_TEXTS, HOSTILE_TIMES } from './hostile-values.js';
import { populate } from './populated.js';

const document = JSON.parse(readFileSync('openapi.json', 'utf8')) as ApiDocument;

/** Filters that look for words, and so may find something by any text. */
const SEARCHES = new Set(['q']);
const PLACES = new Set(['limit', 'offset', 'cursor', 'by', 'from', 'to', 'created_after', 'created_before']);

let nyx: TestApp;
let admin: Record<string, string>;
let ids: ReadonlyMap<string, string>;

beforeAll(async () => {
  nyx = await startApp();
  admin = bearer(await nyx.token('admin'));
  ids = await populate(nyx.url, admin);
});
afterAll(() => nyx.close());

const reads = routesOf(document).filter((route) => route.method === 'GET' && parametersIn(route, 'query').length > 0);

/** What has one form only is refused by its form: a few texts tell that it is. */
function textsFor(route: Route, { name, schema }: Parameter): readonly string[] {
  if (name === 'cursor') return HOSTILE_CURSORS;
  const { format, enum: values, type } = resolved(document, schema);
  if (format === 'date-time' || format === 'date') return HOSTILE_TIMES;
  const isFreeText = type === 'string' && values === undefined && format === undefined;
  return isFreeText ? HOSTILE_TEXTS : HOSTILE_TEXTS.filter((_text, index) => (index + route.path.length) % 5 === 0);
}

/** A path of something that is there, where there is something. */
const placeOf = (route: Route): string => {
  const [, collection = ''] = /\/([\w-]+)\/\{id\}/.exec(route.path) ?? [];
  const id = ids.get(collection);
  return addressOf(route, id === undefined ? {} : { id });
};

/** What is wrong with the answer, in one line. A filter by a text that no row has finds no row. */
async function complaint(route: Route, parameter: Parameter, text: string): Promise<string | undefined> {
  const others = parametersIn(route, 'query')
    .filter((other) => other !== parameter && 'required' in other && other.required === true)
    .map(({ schema }) => `by=${String(resolved(document, schema).enum?.[0])}`);
  const query = [...others, `${parameter.name}=${encodeURIComponent(text)}`].join('&');
  const answer = await call<{ items?: unknown[] }>(`${nyx.url}${placeOf(route)}?${query}`, { headers: admin });
  const at = `${route.name} ?${query.slice(0, 120)}: ${answer.status} ${answer.text.slice(0, 160)}`;
  if (answer.status === 200) {
    const isFilter = !SEARCHES.has(parameter.name) && !PLACES.has(parameter.name);
    const hasRows = (answer.body.items ?? []).length > 0;
    return isFilter && hasRows ? `${at} (rows for a value that nothing has)` : undefined;
  }
  if (answer.status !== 400 && answer.status !== 404) return at;
  expectProblemShape(answer);
  return undefined;
}

it('no text in a filter or cursor is anything but a text: no row that does not match, never a 5xx', async () => {
  const complaints: string[] = [];
  let sent = 0;
  for (const route of reads) {
    for (const parameter of parametersIn(route, 'query')) {
      const answers = await Promise.all(textsFor(route, parameter).map((text) => complaint(route, parameter, text)));
      complaints.push(...answers.filter((wrong) => wrong !== undefined));
      sent += answers.length;
    }
  }
  expect(complaints).toEqual([]);
  expect(sent).toBeGreaterThan(2000);
}, 120_000);

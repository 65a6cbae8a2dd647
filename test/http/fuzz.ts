import fc from 'fast-check';
import {
  addressOf,
  type ApiDocument,
  bodySchemaOf,
  exampleOf,
  parametersIn,
  resolved,
  type Route,
  routesOf,
  type Schema,
} from '../docs/operations.js';
import { HOSTILE_CURSORS, HOSTILE_TEXTS, HOSTILE_TIMES } from './hostile-values.js';

export interface FuzzedRequest {
  readonly route: Route;
  readonly method: string;
  /** `{id}` of something that is there stands as `<collection>` and is filled in when it is sent. */
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

const SOME_ID = '019ab0c4-0000-7000-8000-000000000000';

const nested = (depth: number, open: string, close: string): unknown =>
  JSON.parse(`${open.repeat(depth)}1${close.repeat(depth)}`) as unknown;

const hostileTexts = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...HOSTILE_TEXTS, ...HOSTILE_TIMES, SOME_ID, '') },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 1, arbitrary: fc.constantFrom('\0', 'a\0b', '\ud800', 'x\udfffy', 'x'.repeat(300), 'ä'.repeat(20_000)) },
);

const hostileValues: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 5, arbitrary: hostileTexts },
  {
    weight: 4,
    arbitrary: fc.constantFrom<unknown>(null, true, false, 0, -0, -1, 0.1, 2 ** 31, 2 ** 53, -(2 ** 63), 1e308, 5e-324),
  },
  { weight: 1, arbitrary: fc.constantFrom(nested(90, '[', ']'), nested(150, '{"a":', '}'), nested(99, '{"a":', '}')) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>([], {}, [[]], [null], [{}], { length: -1 }, { toJSON: 1 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(
      JSON.parse('{"__proto__":{"polluted":true}}'),
      { constructor: { prototype: { polluted: true } } },
      { prototype: 1, hasOwnProperty: 1, toString: 1, valueOf: 1, then: 1 },
    ),
  },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 4 }) },
  { weight: 1, arbitrary: fc.array(fc.constantFrom<unknown>(1, 'a', null), { minLength: 101, maxLength: 300 }) },
);

/** A value that the schema allows, as far as it tells. */
function fitting(document: ApiDocument, schema: Schema | undefined, depth = 0): fc.Arbitrary<unknown> {
  const whole = resolved(document, schema);
  const { type, enum: values, format, minimum = 0, maximum = 1000, properties, oneOf } = whole;
  const example = exampleOf(document, whole);
  if (values) return fc.constantFrom(...values);
  if (oneOf) return fc.oneof(...oneOf.map((one) => fitting(document, one, depth)));
  if (type === 'boolean') return fc.boolean();
  if (type === 'integer') return fc.integer({ min: minimum, max: Math.max(minimum, Math.min(maximum, 2 ** 31 - 1)) });
  if (type === 'number') return fc.double({ min: minimum, max: maximum, noNaN: true });
  if (format === 'uuid') return fc.constantFrom(SOME_ID, '<workflows>');
  if (format === 'date-time') return fc.constantFrom('2026-01-01T00:00:00Z', '2999-12-31T23:59:59.999+14:00');
  if (format === 'date') return fc.constantFrom('2026-01-01', '2026-12-31');
  if (type === 'string') return example === undefined ? hostileTexts : fc.oneof(fc.constant(example), hostileTexts);
  if (type === 'array' && depth < 4) {
    return fc.array(fitting(document, whole.items, depth + 1), { maxLength: 3 });
  }
  if (properties && depth < 4) {
    const members = Object.entries(properties).map(([name, member]) => [name, fitting(document, member, depth + 1)]);
    return fc.record(Object.fromEntries(members) as Record<string, fc.Arbitrary<unknown>>, {
      requiredKeys: [...(whole.required ?? [])],
    });
  }
  return fc.oneof(fc.constant(example ?? {}), hostileValues);
}

const keys = fc.oneof(fc.constantFrom('__proto__', 'constructor', 'prototype', 'a', '', 'id', '$ref'), hostileTexts);

/** The path of one place in a JSON value, by turns of `choices`. */
function changed(value: unknown, choices: readonly number[], change: (value: unknown) => unknown): unknown {
  const [choice = 0, ...rest] = choices;
  if (typeof value !== 'object' || value === null || rest.length === 0) return change(value);
  const names = Object.keys(value);
  const name = names[choice % Math.max(1, names.length)];
  if (name === undefined) return change(value);
  if (Array.isArray(value)) {
    return (value as unknown[]).map((item, index) => (String(index) === name ? changed(item, rest, change) : item));
  }
  return { ...value, [name]: changed((value as Record<string, unknown>)[name], rest, change) };
}

const places = fc.array(fc.nat(30), { minLength: 1, maxLength: 4 });

/** A value that fits but for one place. */
const spoilt = (fits: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof(
    fc.tuple(fits, places, hostileValues).map(([value, path, bad]) => changed(value, [...path, 0], () => bad)),
    fc
      .tuple(fits, places, keys, hostileValues)
      .map(([value, path, key, bad]) =>
        changed(value, path, (inside) =>
          typeof inside === 'object' ? Object.fromEntries([...Object.entries(inside ?? {}), [key, bad]]) : bad,
        ),
      ),
  );

/** The same value as text that only a careless parser reads in this way. */
const textOf = (value: unknown): fc.Arbitrary<string> => {
  const text = value === undefined ? 'null' : JSON.stringify(value);
  const rest = text.startsWith('{') && text !== '{}' ? text.slice(1) : '"a":1}';
  return fc.oneof(
    { weight: 12, arbitrary: fc.constant(text) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        `{"__proto__":{"polluted":true},${rest}`,
        `{"constructor":{"prototype":{"polluted":true}},${rest}`,
        `{"a":1,"a":2,${rest}`,
        `${text.slice(0, -1)},${rest}`,
        `\ufeff${text}`,
        text.slice(0, -1),
        `[${text}]`,
        text.replace(/\d+/, '1e999'),
        text.replace(/"([a-z])/, '"\\ud800$1'),
        text.replace(/"([a-z])/, '"\\u0000$1'),
        text.replace(/:/, `:${'['.repeat(20_000)}`),
      ),
    },
  );
};

const bodies = (document: ApiDocument, route: Route): fc.Arbitrary<string | undefined> => {
  const schema = bodySchemaOf(document, route);
  if (!schema) {
    const isUpload = route.operation.requestBody !== undefined;
    return isUpload ? hostileTexts : fc.constant(route.method === 'GET' ? undefined : '{}');
  }
  const example = fc.constant(exampleOf(document, schema));
  const fits = fc.oneof(example, fitting(document, schema));
  return fc
    .oneof(
      { weight: 2, arbitrary: fits },
      { weight: 6, arbitrary: spoilt(fits) },
      { weight: 1, arbitrary: hostileValues },
    )
    .chain(textOf);
};

const queries = (document: ApiDocument, route: Route): fc.Arbitrary<string> => {
  const known = parametersIn(route, 'query').map(({ name, schema }) => {
    const fits = name === 'cursor' ? fc.constantFrom(...HOSTILE_CURSORS) : fitting(document, schema);
    return fc
      .oneof({ weight: 3, arbitrary: fits }, { weight: 1, arbitrary: hostileTexts })
      .map((value) => ({ name, value }));
  });
  const unknown = fc.tuple(keys, hostileTexts).map(([name, value]) => ({ name, value }));
  return fc
    .array(fc.oneof(...known.map((arbitrary) => ({ weight: 3, arbitrary })), { weight: 1, arbitrary: unknown }), {
      maxLength: known.length === 0 ? 1 : 3,
    })
    .map((pairs) => pairs.map(({ name, value }) => `${coded(name)}=${coded(String(value))}`).join('&'));
};

/** Percent-encoded; what is no text at all stays as a byte that is no UTF-8. */
const coded = (text: string): string => {
  const short = text.slice(0, 2000);
  return short.isWellFormed() ? encodeURIComponent(short).replace(/%3C(\w[\w-]*)%3E/, '<$1>') : '%ed%a0%80';
};

const paths = (route: Route): fc.Arbitrary<string> => {
  const names = parametersIn(route, 'path').map(({ name }) => name);
  const collection = /\/([\w-]+)\/\{id\}/.exec(route.path)?.[1] ?? 'workflows';
  const usual = addressOf(route, names.includes('id') ? { id: `<${collection}>` } : {});
  if (names.length === 0) return fc.constant(usual);
  const odd = fc
    .tuple(...names.map(() => hostileTexts))
    .map((texts) =>
      addressOf(route, Object.fromEntries(names.map((name, index) => [name, coded(texts[index] ?? '') || '%20']))),
    );
  return fc.oneof({ weight: 4, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: odd });
};

const headerTexts = HOSTILE_TEXTS.filter((text) => /^[\x21-\x7e]+$/.test(text));

const headers = (route: Route): fc.Arbitrary<Record<string, string>> => {
  const odd = fc.dictionary(
    fc.constantFrom('idempotency-key', 'prefer', 'x-request-id', 'x-http-method-override', 'accept-language', 'range'),
    fc.constantFrom(...headerTexts),
    { maxKeys: 2 },
  );
  const type = route.operation.requestBody?.content['application/octet-stream']
    ? 'application/octet-stream'
    : undefined;
  return odd.map((given) => ({ prefer: 'respond-async', 'content-type': type ?? 'application/json', ...given }));
};

const requestsOf = (document: ApiDocument, route: Route): fc.Arbitrary<FuzzedRequest> =>
  fc
    .tuple(paths(route), queries(document, route), headers(route), bodies(document, route))
    .map(([path, query, given, body]): FuzzedRequest => ({
      route,
      method: route.method,
      address: query === '' ? path : `${path}?${query}`,
      headers: given,
      body,
    }));

/** `count` requests over all routes in turn, the same for the same seed. Routes that take a body have twice as many. */
export function fuzzedRequests(document: ApiDocument, seed: number, count: number): FuzzedRequest[] {
  const routes = routesOf(document).flatMap((route) => (bodySchemaOf(document, route) ? [route, route] : [route]));
  const each = Math.ceil(count / routes.length);
  const samples = routes.map((route, index) =>
    fc.sample(requestsOf(document, route), { seed: seed + index, numRuns: each }),
  );
  const turns = Array.from({ length: each }, (_turn, turn) => samples.flatMap((sample) => sample[turn] ?? []));
  return turns.flat().slice(0, count);
}

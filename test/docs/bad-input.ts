import {
  addressOf,
  type ApiDocument,
  bodySchemaOf,
  exampleOf,
  parametersIn,
  resolved,
  type Route,
  type Schema,
} from './operations.js';

/** One request that no route may accept. */
export interface BadRequest {
  readonly what: string;
  readonly address: string;
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is. */
  readonly body?: string;
}

const BAD_IDS = [
  '1',
  'null',
  '%00',
  '%zz',
  '%E0%A4',
  'a'.repeat(4000),
  '..%2f..%2fetc%2fpasswd',
  "'--",
  '%F0%9F%92%A9',
];
const BAD_QUERIES = ['x=%00', 'x=%zz', 'x=%ff', '__proto__=1', 'x=1&x=2', 'limit=1&limit=1', '%00=1'];

const BAD_BODIES: Readonly<Record<string, string>> = {
  'malformed JSON': '{"a":',
  'a top-level null': 'null',
  'a top-level list': '[]',
  'a top-level text': '"text"',
  'a NUL': '{"a":"\\u0000"}',
  'a NUL key': '{"\\u0000":1}',
  'a lone surrogate': '{"a":"\\udfff"}',
  'a number out of range': '{"a":1e999}',
  'a prototype': '{"__proto__":{"polluted":true}}',
  'a deep prototype': '{"a":[{"__proto__":{"polluted":true}}]}',
  'deep nesting': `${'{"a":'.repeat(3000)}1${'}'.repeat(3000)}`,
  'too many bytes': `{"a":"${'x'.repeat(1024 * 1024)}"}`,
};

/** Every kind of bad input that can be derived from the description of a route. */
export const badRequestsFor = (document: ApiDocument, route: Route): BadRequest[] => [
  ...badAddresses(route),
  ...badQueries(document, route),
  ...badBodies(document, route),
];

function badAddresses(route: Route): BadRequest[] {
  const { method } = route;
  const ofIds = parametersIn(route, 'path')
    .filter(({ schema }) => schema?.format === 'uuid')
    .flatMap(({ name }) =>
      BAD_IDS.map((id) => ({ what: `${name}=${id}`, method, address: addressOf(route, { [name]: id }) })),
    );
  const ofAll = parametersIn(route, 'path').flatMap(({ name }) =>
    ['%00', '%zz', '%E0%A4'].map((text) => ({
      what: `${name}=${text}`,
      method,
      address: addressOf(route, { [name]: text }),
    })),
  );
  return [...ofIds, ...ofAll];
}

function badQueries(document: ApiDocument, route: Route): BadRequest[] {
  const ofSchemas = parametersIn(route, 'query').flatMap(({ name, schema }) =>
    wrongTexts(resolved(document, schema)).map((text) => `${name}=${encodeURIComponent(text)}`),
  );
  return [...BAD_QUERIES, ...ofSchemas].map((query) => ({
    what: `?${query.slice(0, 80)}`,
    method: route.method,
    address: `${addressOf(route)}?${query}`,
  }));
}

/** Texts that a query parameter of this schema cannot be. */
function wrongTexts({ type, enum: values, format, minimum, maximum, maxLength }: Schema): string[] {
  const wrong: string[] = [];
  if (values) wrong.push('no-such-value', '');
  if (type === 'integer' || type === 'number') wrong.push('abc', '', 'NaN', 'Infinity', '1e999', '0x10', '1 2');
  if (type === 'integer') wrong.push('1.5', '99999999999999999999');
  if (type === 'boolean') wrong.push('maybe', '2');
  if (format === 'uuid' || format === 'date-time') wrong.push('abc', '1');
  if (format === 'date') wrong.push('abc', '1', '2026-02-30', '0000-01-01', '2026-01-01T00:00:00Z');
  if (format === 'date-time') wrong.push('2026-02-30T00:00:00Z', '2026-99-01T00:00:00Z');
  if (minimum !== undefined) wrong.push(String(minimum - 1));
  if (maximum !== undefined) wrong.push(String(maximum + 1));
  if (maxLength !== undefined) wrong.push('x'.repeat(Math.min(maxLength + 1, 8000)));
  return wrong;
}

function badBodies(document: ApiDocument, route: Route): BadRequest[] {
  // A file may be anything.
  const takesFile = route.operation.requestBody?.content['application/octet-stream'] !== undefined;
  if (route.method === 'GET' || takesFile) return [];
  const request = (what: string, body: string, headers = {}): BadRequest => ({
    what,
    body,
    method: route.method,
    address: addressOf(route),
    headers: { 'content-type': 'application/json', ...headers },
  });
  const schema = bodySchemaOf(document, route);
  const example = schema && JSON.stringify(exampleOf(document, schema));
  return [
    ...Object.entries(BAD_BODIES).map(([what, body]) => request(what, body)),
    request('plain text', 'text', { 'content-type': 'text/plain' }),
    request('a form', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }),
    request('broken gzip', 'text', { 'content-encoding': 'gzip' }),
    request('an unknown encoding', '{}', { 'content-encoding': 'rot13' }),
    ...(example === undefined ? [] : [request('a wrong type', example, { 'content-type': 'text/html' })]),
    ...(schema ? wrongBodies(document, schema).map(([what, body]) => request(what, JSON.stringify(body))) : []),
  ];
}

/** Bodies like the example but for one thing. */
function wrongBodies(document: ApiDocument, schema: Schema): [string, unknown][] {
  const example = (exampleOf(document, schema) ?? {}) as Record<string, unknown>;
  const bodies: [string, unknown][] = [['an unknown member', { ...example, no_such_member: 1 }]];
  for (const name of schema.required ?? []) bodies.push([`${name} missing`, { ...example, [name]: undefined }]);
  for (const [name, member] of Object.entries(schema.properties ?? {})) {
    for (const value of wrongValues(resolved(document, member))) {
      bodies.push([`${name}=${JSON.stringify(value).slice(0, 60)}`, { ...example, [name]: value }]);
    }
  }
  return bodies;
}

/** JSON values that a member of this schema cannot be. */
function wrongValues(schema: Schema): unknown[] {
  const { type, enum: values, format, minimum, maximum, minLength, maxLength, oneOf } = schema;
  if (oneOf || (type === undefined && !values && !schema.properties)) return [];
  const ofTypes: Readonly<Record<string, unknown[]>> = {
    string: [1, true, {}, [], ['x']],
    integer: ['x', 1.5, {}, [], true, 1e300],
    number: ['x', {}, [], true],
    boolean: ['x', 'true', 1, {}, []],
    array: ['x', 1, {}, true],
    object: ['x', 1, [], true],
  };
  const wrong = [...(ofTypes[type ?? 'object'] ?? [])];
  if (values) wrong.push('no-such-value', '', values.map(String).join());
  if (format === 'date-time') wrong.push('yesterday', '2026-02-30T00:00:00Z', '2026-W10');
  if (format === 'uuid') wrong.push('abc', '');
  if (minimum !== undefined) wrong.push(minimum - 1);
  if (maximum !== undefined) wrong.push(maximum + 1);
  if (minLength !== undefined && minLength > 0) wrong.push('x'.repeat(minLength - 1));
  if (maxLength !== undefined) wrong.push('x'.repeat(maxLength + 1));
  return wrong;
}

import { pointsOf, shorten, subjectOf, titleOf, type Point } from './text.rules.js';

type Schema = Readonly<Record<string, unknown>>;

interface Context {
  readonly root: Schema;
  readonly prompt: string;
  /** What the text values are taken from; the list items of an array each see their own. */
  readonly points: readonly Point[];
  /** Place in the enclosing array, from 0. */
  readonly index: number;
  readonly depth: number;
}

const MAX_DEPTH = 8;
const DEFAULT_ITEMS = 8;
const YES = /(passed|approved|valid|satisf|success|complete|met$|is_ok|agree)/i;
const TITLES = /^(title|name|label|heading|subject)$/i;
const IDS = /(^|_)(id|key)$/i;
const LINKS = /^(dependencies|depends_on|requires|after)$/i;
const FORMATS: Readonly<Record<string, string>> = {
  'date-time': '2000-01-01T00:00:00Z',
  date: '2000-01-01',
  time: '00:00:00Z',
  duration: 'PT1H',
  uuid: '00000000-0000-5000-8000-000000000000',
  email: 'nobody@example.com',
  hostname: 'example.com',
  uri: 'https://example.com/',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
};

/**
 * A value that the JSON Schema allows, filled from the prompt's own sentences; the same prompt and schema give the same value.
 * Patterns are only met where a plain word or a number meets them.
 */
export function fillSchema(schema: object, prompt: string): unknown {
  const root = schema as Schema;
  const points = pointsOf(subjectOf(prompt));
  return fill(root, '', { root, prompt, points, index: 0, depth: 0 });
}

function fill(given: Schema, name: string, context: Context): unknown {
  const schema = resolve(given, context.root);
  if ('const' in schema) return schema['const'];
  if (Array.isArray(schema['enum'])) return chooseFrom(schema['enum'], context);
  const variant = variantOf(schema);
  if (variant !== undefined) return fill({ ...without(schema, 'anyOf', 'oneOf'), ...variant }, name, context);
  switch (typeOf(schema)) {
    case 'object':
      return fillObject(schema, context);
    case 'array':
      return fillArray(schema, name, context);
    case 'string':
      return fillString(schema, name, context);
    case 'integer':
    case 'number':
      return fillNumber(schema);
    case 'boolean':
      return YES.test(name);
    default:
      return null;
  }
}

function fillObject(schema: Schema, context: Context): Record<string, unknown> {
  const properties = asRecord(schema['properties']);
  const required = new Set(Array.isArray(schema['required']) ? schema['required'] : []);
  const inner = { ...context, depth: context.depth + 1 };
  const wanted = Object.entries(properties).filter(([key]) => required.has(key) || context.depth < MAX_DEPTH);
  return Object.fromEntries(wanted.map(([key, value]) => [key, fill(asRecord(value), key, inner)]));
}

function fillArray(schema: Schema, name: string, context: Context): unknown[] {
  const items = resolve(asRecord(schema['items']), context.root);
  const least = numberIn(schema, 'minItems') ?? 0;
  const most = Math.min(numberIn(schema, 'maxItems') ?? DEFAULT_ITEMS, Math.max(least, mostAskedFor(context.prompt)));
  if (LINKS.test(name)) return links(context, least);
  if (context.depth >= MAX_DEPTH && least === 0) return [];
  const isOfObjects = typeOf(items) === 'object';
  const wanted = isOfObjects ? context.points.length : Math.min(context.points.length, 3);
  const count = Math.min(Math.max(least, wanted, least === 0 && !isOfObjects ? 0 : 1), most);
  const chunks = spread(context.points, count);
  const filled = chunks.map((points, index) =>
    fill(items, name, { ...context, points, index, depth: context.depth + 1 }),
  );
  return schema['uniqueItems'] === true ? distinct(filled) : filled;
}

/** A schema of a structured output cannot bound a list, so prompts do it in words. */
const mostAskedFor = (prompt: string): number =>
  Math.min(DEFAULT_ITEMS, Number(/\bat most (\d{1,3}) subtasks\b/.exec(prompt)?.[1] ?? DEFAULT_ITEMS));

/** The ids of the steps before this one that its sentence builds on. */
function links(context: Context, least: number): string[] {
  const isSequel = context.index > 0 && context.points.some((point) => point.isSequel);
  return isSequel || least > 0 ? [stepId(Math.max(0, context.index - 1))] : [];
}

const stepId = (index: number): string => `step-${index + 1}`;

function fillString(schema: Schema, name: string, context: Context): string {
  const format = typeof schema['format'] === 'string' ? FORMATS[schema['format']] : undefined;
  if (format !== undefined) return format;
  const whole =
    context.points.map((point) => point.text).join(' ') || shorten(subjectOf(context.prompt), 400) || 'Nothing';
  const first = context.points[0]?.text ?? whole;
  const plain = IDS.test(name) ? stepId(context.index) : TITLES.test(name) ? titleOf(first) : whole;
  const longest = Math.min(numberIn(schema, 'maxLength') ?? Infinity, 4000);
  const least = numberIn(schema, 'minLength') ?? 0;
  const text = shorten(plain, longest).padEnd(least, '.');
  return typeof schema['pattern'] === 'string' ? matching(schema['pattern'], [text, stepId(context.index)]) : text;
}

function matching(pattern: string, candidates: readonly string[]): string {
  const expression = new RegExp(pattern, 'u');
  const simple = ['step', 'a', 'A', '1', '0000', '2000-01-01', 'step_1', 'example.com'];
  return [...candidates, ...simple].find((candidate) => expression.test(candidate)) ?? candidates[0] ?? '';
}

/** Scores get the middle of their range; counts the least. */
function fillNumber(schema: Schema): number {
  const step = numberIn(schema, 'multipleOf') ?? 1;
  const isWhole = typeOf(schema) === 'integer' || 'multipleOf' in schema;
  const above = numberIn(schema, 'exclusiveMinimum');
  const below = numberIn(schema, 'exclusiveMaximum');
  const low = numberIn(schema, 'minimum') ?? (above === undefined ? undefined : isWhole ? above + step : above);
  const high = numberIn(schema, 'maximum') ?? (below === undefined ? undefined : isWhole ? below - step : below);
  const middle = low !== undefined && high !== undefined ? (low + high) / 2 : (low ?? Math.min(high ?? 1, 1));
  if (!isWhole) return low !== undefined && low === above && high === undefined ? low + 1 : middle;
  const rounded = Math.floor(middle / step) * step;
  return low !== undefined && rounded < low ? rounded + step : rounded;
}

/** The choice that the prompt itself names, else the first. */
function chooseFrom(choices: readonly unknown[], context: Context): unknown {
  const about = context.points
    .map((point) => point.text)
    .join(' ')
    .toLowerCase();
  const named = choices.find(
    (choice) =>
      typeof choice === 'string' && choice.length > 2 && about.includes(choice.toLowerCase().replaceAll('_', ' ')),
  );
  return named ?? choices[0];
}

/** Deals the points out to `count` items in order; when there are fewer points than items the last is repeated. */
function spread(points: readonly Point[], count: number): Point[][] {
  if (points.length <= count) {
    return Array.from({ length: count }, (_, index) =>
      [points[index] ?? points.at(-1)].filter((point) => point !== undefined),
    );
  }
  const size = points.length / count;
  return Array.from({ length: count }, (_, index) =>
    points.slice(Math.floor(index * size), Math.floor((index + 1) * size)),
  );
}

const distinct = (values: readonly unknown[]): unknown[] => [
  ...new Map(values.map((value) => [JSON.stringify(value), value])).values(),
];

function resolve(schema: Schema, root: Schema, hops = 0): Schema {
  const reference = schema['$ref'];
  if (typeof reference === 'string' && hops < MAX_DEPTH) {
    const target = reference
      .replace(/^#\/?/, '')
      .split('/')
      .filter((part) => part !== '')
      .reduce<unknown>((at, part) => asRecord(at)[part.replaceAll('~1', '/').replaceAll('~0', '~')], root);
    return resolve({ ...without(schema, '$ref'), ...asRecord(target) }, root, hops + 1);
  }
  if (!Array.isArray(schema['allOf'])) return schema;
  const parts = [without(schema, 'allOf'), ...schema['allOf'].map((part) => resolve(asRecord(part), root, hops + 1))];
  return parts.reduce<Schema>((merged, part) => merge(merged, part), {});
}

const merge = (left: Schema, right: Schema): Schema => ({
  ...left,
  ...right,
  properties: { ...asRecord(left['properties']), ...asRecord(right['properties']) },
  required: [...asList(left['required']), ...asList(right['required'])],
});

function variantOf(schema: Schema): Schema | undefined {
  const variants = asList(schema['anyOf'] ?? schema['oneOf']).map(asRecord);
  return variants.find((variant) => variant['type'] !== 'null') ?? variants[0];
}

function typeOf(schema: Schema): unknown {
  const type = schema['type'];
  if (Array.isArray(type)) return type.find((each) => each !== 'null') ?? 'null';
  if (type !== undefined) return type;
  if ('properties' in schema) return Object.keys(asRecord(schema['properties'])).length > 0 ? 'object' : 'string';
  return 'items' in schema ? 'array' : 'string';
}

const without = (schema: Schema, ...keys: string[]): Schema =>
  Object.fromEntries(Object.entries(schema).filter(([key]) => !keys.includes(key)));

const asRecord = (value: unknown): Schema => (typeof value === 'object' && value !== null ? (value as Schema) : {});

const asList = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

function numberIn(schema: Schema, key: string): number | undefined {
  const value = schema[key];
  return typeof value === 'number' ? value : undefined;
}

import { linearPattern } from '../../../http/linear-patterns.rules.js';
import { materialOf, subjectOf } from './elements.rules.js';
import { choiceFor, factFor, onScale, type Fact, type Facts } from './facts.rules.js';
import { fillNumber, isNumberAllowed } from './fill-number.rules.js';
import { chosenKind } from './kind.rules.js';
import { textMatching } from './pattern.rules.js';
import { dependenciesOf, stepsOf } from './plan-steps.rules.js';
import {
  allowsNull,
  asList,
  asSchema,
  numberIn,
  resolve,
  textIn,
  typeOf,
  variantsOf,
  without,
  type Schema,
} from './schema.rules.js';
import { summarise } from './summary.rules.js';
import { pointsOf, shorten, titleOf, type Point } from './text.rules.js';

interface Context {
  readonly root: Schema;
  readonly prompt: string;
  readonly facts: Facts;
  /** What the text values are taken from; the list items of an array each see their own. */
  readonly points: readonly Point[];
  /** Place in the enclosing array, from 0. */
  readonly index: number;
  /** Ids of the steps that this one needs. */
  readonly links: readonly string[];
  readonly depth: number;
  /** How many characters the texts of this place may have together. */
  readonly room: number;
}

const MAX_DEPTH = 8;
const CIRCULAR_DEPTH = 4;
const GIVEN_UP_DEPTH = 32;
const DEFAULT_ITEMS = 8;
const LONGEST_TEXT = 4000;
const YES = /(passed|approved|valid|satisf|success|complete|met$|is_ok|agree)/i;
const TITLES = /^(title|name|label|heading|subject)$/i;
const SUMMARIES = /^(summary|abstract|overview|tl_?dr|gist)$/i;
const IDS = /(^|_)(id|key)$/i;
const LINKS = /^(dependencies|depends_?on|requires|after)$/i;
const STEPS = /^(sub_?tasks|steps|tasks|plan|phases|stages|actions|milestones|next_?steps|to_?dos)$/i;
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
 * A value that the JSON Schema allows, filled with what is known of it, else from the prompt's own sentences, with about `room`
 * characters of text at most; the same request gives the same value. Not held to `not`, `if`, `contains`, `propertyNames`, nor to a
 * pattern that `textMatching` cannot meet.
 */
export function fillSchema(schema: object, prompt: string, facts: Facts = new Map(), room = Infinity): unknown {
  const root = asSchema(schema);
  const material = materialOf(prompt);
  const points = pointsOf(material.length > 0 ? material.join('\n') : subjectOf(prompt));
  return fill(root, '', { root, prompt, facts, points, index: 0, links: [], depth: 0, room });
}

function fill(given: Schema, name: string, context: Context): unknown {
  const schema = resolve(given, context.root);
  const fact = factFor(context.facts, name);
  if ('const' in schema) return schema['const'];
  if (fact === null && allowsNull(schema)) return null;
  if (Array.isArray(schema['enum'])) return chooseFrom(asList(schema['enum']), fact, context);
  if (context.depth > GIVEN_UP_DEPTH) return null;
  const variant = variantFor(schema, context);
  if (variant !== undefined) {
    const chosen = { allOf: [without(schema, 'anyOf', 'oneOf'), variant] };
    return fill(chosen, name, { ...context, depth: context.depth + 1 });
  }
  switch (typeOf(schema)) {
    case 'object':
      return fillObject(
        schema,
        Array.isArray(fact) && fact.length === 1 ? { ...context, facts: factsIn(fact) } : context,
      );
    case 'array':
      return fillArray(schema, name, fact, context);
    case 'string':
      return fillString(schema, name, fact, context);
    case 'integer':
      return fillScore(schema, fact, true);
    case 'number':
      return fillScore(schema, fact, false);
    case 'boolean':
      return typeof fact === 'number' ? fact >= 0.5 : typeof fact === 'boolean' ? fact : YES.test(name);
    default:
      return null;
  }
}

/** What is known of an object stands in a list of one. */
const factsIn = ([facts = new Map()]: readonly Facts[]): Facts => facts;

function fillObject(schema: Schema, context: Context): Record<string, unknown> {
  const members = asSchema(schema['properties']);
  const required = asList(schema['required']).filter((key) => typeof key === 'string');
  // What may be left out and refers to another schema may go round in circles, and each way round multiplies.
  const depthFor = (member: Schema): number => ('$ref' in member ? CIRCULAR_DEPTH : MAX_DEPTH);
  const others = Object.keys(members).filter(
    (key) => !required.includes(key) && context.depth < depthFor(asSchema(members[key])),
  );
  const wanted = [...new Set([...required, ...others])].slice(
    0,
    Math.max(required.length, numberIn(schema, 'maxProperties') ?? Infinity),
  );
  const free = schema['additionalProperties'];
  const missing = Math.max(0, (numberIn(schema, 'minProperties') ?? 0) - wanted.length);
  const made = free === false ? [] : Array.from({ length: missing }, (_, index) => `item-${index + 1}`);
  const inner = { ...context, depth: context.depth + 1, room: context.room / (wanted.length + made.length || 1) };
  return Object.fromEntries(
    // In the order of the schema, as a model would write them.
    [
      ...Object.keys(members).filter((key) => wanted.includes(key)),
      ...wanted.filter((key) => !(key in members)),
      ...made,
    ].map((key) => [key, fill(asSchema(Object.hasOwn(members, key) ? members[key] : free), key, inner)]),
  );
}

function fillArray(schema: Schema, name: string, fact: Fact | undefined, context: Context): unknown[] {
  const least = numberIn(schema, 'minItems') ?? 0;
  const leading = asList(schema['prefixItems'] ?? (Array.isArray(schema['items']) ? schema['items'] : undefined));
  const items = resolve(
    asSchema(leading.length > 0 ? (schema['additionalItems'] ?? schema['items']) : schema['items']),
    context.root,
  );
  const lists = chunksFor(schema, items, name, fact, context, Math.max(least, leading.length));
  const inner = { ...context, depth: context.depth + 1, room: context.room / (lists.length || 1) };
  const filled = lists.map((own, index) => {
    const item = leading[index] === undefined ? items : asSchema(leading[index]);
    return fill(item, '', { ...inner, ...own, index });
  });
  return schema['uniqueItems'] === true ? distinct(filled, items, least) : filled;
}

/** What each item of an array sees. */
function chunksFor(
  schema: Schema,
  items: Schema,
  name: string,
  fact: Fact | undefined,
  context: Context,
  least: number,
): Partial<Context>[] {
  const most = numberIn(schema, 'maxItems') ?? Infinity;
  if (LINKS.test(name)) return dealt(context, Math.min(Math.max(least, context.links.length), most), context.links);
  if (Array.isArray(fact)) return known(fact as readonly Facts[], context, least, most);
  if (context.depth >= MAX_DEPTH) return dealt(context, Math.min(least, most));
  const isPlan = STEPS.test(name);
  const points = isPlan ? stepsOf(context.prompt) : context.points;
  const isOfObjects = typeOf(items) === 'object';
  const wanted = isOfObjects || isPlan ? Math.max(points.length, 1) : Math.min(points.length, 3);
  const count = Math.min(
    Math.max(least, Math.min(wanted, isPlan ? mostAskedFor(context.prompt) : DEFAULT_ITEMS)),
    most,
  );
  const chunks = spread(points, count);
  const needed = isPlan ? dependenciesOf(chunks) : [];
  return chunks.map((own, index) => ({ points: own, links: (needed[index] ?? []).map(stepId) }));
}

const known = (facts: readonly Facts[], context: Context, least: number, most: number): Partial<Context>[] =>
  Array.from({ length: Math.min(Math.max(least, facts.length), most) }, (_, index) => {
    const own = facts[index];
    return own === undefined ? { facts: new Map<string, Fact>() } : { facts: own, points: pointsFrom(own, context) };
  });

const pointsFrom = (facts: Facts, { points }: Context): readonly Point[] => {
  const text = facts.get('');
  return typeof text === 'string' ? [{ text, isSequel: false, isNumbered: false }] : points;
};

const dealt = ({ points }: Context, count: number, texts: readonly string[] = []): Partial<Context>[] =>
  Array.from({ length: count }, (_, index) => {
    const text = texts[index];
    return text === undefined
      ? { points, facts: new Map<string, Fact>() }
      : { facts: new Map<string, Fact>([['', text]]) };
  });

/** A schema of a structured output cannot bound a list, so prompts do it in words. */
function mostAskedFor(prompt: string): number {
  const asked = [...prompt.matchAll(/\bat most (\d{1,3}) subtasks\b/g)].map(([, number]) => Number(number));
  return Math.max(1, asked.length === 0 ? DEFAULT_ITEMS : Math.min(...asked));
}

const stepId = (index: number): string => `step-${index + 1}`;

function fillString(schema: Schema, name: string, fact: Fact | undefined, context: Context): string {
  const format = FORMATS[textIn(schema, 'format') ?? ''];
  if (format !== undefined) return format;
  const longest = Math.min(numberIn(schema, 'maxLength') ?? Infinity, LONGEST_TEXT, Math.max(context.room, 1));
  const least = numberIn(schema, 'minLength') ?? 0;
  const text = padded(
    shorten(typeof fact === 'string' ? fact : plainText(name, context), Math.max(longest, least)),
    least,
  );
  const pattern = textIn(schema, 'pattern');
  if (pattern === undefined) return text;
  return matching(pattern, [text, stepId(context.index)], least, numberIn(schema, 'maxLength') ?? Infinity) ?? text;
}

function plainText(name: string, { points, prompt, index }: Context): string {
  if (IDS.test(name)) return stepId(index);
  const texts = points.map((point) => point.text);
  const [first] = texts;
  if (first === undefined) return shorten(subjectOf(prompt), 400) || 'Nothing';
  if (TITLES.test(name)) return titleOf(first) || first;
  if (SUMMARIES.test(name)) return summarise(texts).sentences.join(' ');
  return texts.join(' ');
}

/** A schema's lengths count whole characters, of which a text has no more than units. */
function padded(text: string, least: number): string {
  if (least === 0) return text;
  return text + '.'.repeat(Math.max(0, least - Array.from(text).length));
}

function matching(pattern: string, candidates: readonly string[], least: number, most: number): string | undefined {
  const made = textMatching(pattern, least);
  if (made === undefined) return undefined;
  const expression = linearPattern(pattern);
  return candidates.find((candidate) => candidate.length <= most && expression.test(candidate)) ?? made;
}

function fillScore(schema: Schema, fact: Fact | undefined, isWhole: boolean): number {
  const known = typeof fact === 'number' ? onScale(fact, schema, isWhole) : undefined;
  return known !== undefined && isNumberAllowed(known, schema, isWhole) ? known : fillNumber(schema, isWhole);
}

/** What is known to be right, else the choice that the prompt itself names or speaks of, else the first. */
function chooseFrom(choices: readonly unknown[], fact: Fact | undefined, context: Context): unknown {
  return (
    choiceFor(fact, choices) ?? chosenKind(choices, context.points.map((point) => point.text).join(' ')) ?? choices[0]
  );
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

/** Each value once; where that are too few, texts and numbers are told apart by a number. */
function distinct(values: readonly unknown[], items: Schema, least: number): unknown[] {
  const kept = new Map(values.map((value) => [JSON.stringify(value), value]));
  const choices = asList(items['enum']);
  const [first] = values;
  for (let number = 1; kept.size < least && number <= least + choices.length; number += 1) {
    const more = choices.length > 0 ? choices[number - 1] : another(first, number, items);
    kept.set(JSON.stringify(more), more);
  }
  return [...kept.values()];
}

function another(value: unknown, number: number, items: Schema): unknown {
  if (typeof value === 'number') {
    const step = numberIn(items, 'multipleOf') ?? 1;
    return [value + number * step, value - number * step].find((each) => isNumberAllowed(each, items, false)) ?? value;
  }
  if (typeof value === 'boolean') return !value;
  if (typeof value !== 'string') return value;
  const suffix = `-${number}`;
  return shorten(value, Math.max(0, (numberIn(items, 'maxLength') ?? Infinity) - suffix.length)) + suffix;
}

/** The first variant that is not null; deep down one that goes no deeper. */
function variantFor(schema: Schema, context: Context): Schema | undefined {
  const variants = variantsOf(schema);
  const resolved = variants.map((variant) => resolve(variant, context.root));
  const isFlat = (variant: Schema): boolean => !['object', 'array'].includes(String(typeOf(variant)));
  const flat = context.depth >= MAX_DEPTH ? resolved.find(isFlat) : undefined;
  return flat ?? resolved.find((variant) => variant['type'] !== 'null') ?? resolved[0];
}

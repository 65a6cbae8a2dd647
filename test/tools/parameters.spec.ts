import fc from 'fast-check';
import {
  MAX_PARAMETER_VALUES,
  MAX_PARAMETERS_DEPTH,
  parameterCheckOf,
} from '../../src/tools/parameters/parameters.rules.js';
import type { ParametersSchema } from '../../src/tools/tool.js';
import { expectProblemShape } from '../http/client.js';
import { ToolsRoom } from './tools-room.js';

const SCHEMA = {
  type: 'object',
  properties: {
    operation: { enum: ['read', 'write'] },
    path: { type: 'string', minLength: 1, maxLength: 100, pattern: '^[^\\u0000]*$' },
    argv: { type: 'array', items: { type: 'string' }, maxItems: 20 },
    environment: { type: 'object', additionalProperties: { type: 'string' } },
    lines: { type: 'integer', minimum: 1, maximum: 1000 },
  },
  required: ['operation'],
  additionalProperties: false,
} as const satisfies ParametersSchema;

const check = parameterCheckOf(SCHEMA);
const parsed = (json: string): unknown => JSON.parse(json) as unknown;

/** What an honest implementation would say of these parameters, in as many words as it takes. */
function isValid(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const rules: Record<string, (member: unknown) => boolean> = {
    operation: (member) => member === 'read' || member === 'write',
    path: (member) => typeof member === 'string' && member.length >= 1 && Array.from(member).length <= 100,
    argv: (member) => Array.isArray(member) && member.length <= 20 && member.every((item) => typeof item === 'string'),
    environment: (member) =>
      typeof member === 'object' &&
      member !== null &&
      !Array.isArray(member) &&
      Object.values(member).every((item) => typeof item === 'string'),
    lines: (member) => Number.isInteger(member) && Number(member) >= 1 && Number(member) <= 1000,
  };
  return (
    Object.hasOwn(value, 'operation') &&
    Object.entries(value).every(([name, member]) => Object.hasOwn(rules, name) && rules[name]?.(member) === true)
  );
}

const NAMES = [...Object.keys(SCHEMA.properties), 'constructor', 'toString', 'prototype', 'hasOwnProperty', 'more'];
const text = fc.string({ unit: 'grapheme', maxLength: 120 });
const member = fc.oneof(
  fc.constantFrom('read', 'write', 1, 0, 1001, 1.5, true, null, '', '1'),
  text,
  fc.array(fc.oneof({ weight: 4, arbitrary: text }, { weight: 1, arbitrary: fc.integer() }), { maxLength: 25 }),
  fc.dictionary(fc.constantFrom('PATH', 'constructor', 'a'), fc.oneof(text, fc.integer())),
);
const valid = fc.record(
  {
    operation: fc.constantFrom('read', 'write'),
    path: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 10 }),
    argv: fc.array(text, { maxLength: 20 }),
    environment: fc.dictionary(fc.constantFrom('PATH', 'constructor', 'a'), text),
    lines: fc.integer({ min: 1, max: 1000 }),
  },
  { requiredKeys: ['operation'] },
);
/** Valid ones, with up to two members that may be anything. */
const nearlyValid = fc
  .tuple(valid, fc.dictionary(fc.constantFrom(...NAMES), member, { maxKeys: 2 }))
  .map(([base, more]): Record<string, unknown> => ({ ...base, ...more }));

describe('parameters', () => {
  it('are valid exactly when the schema says so, and told by field otherwise', () => {
    let [accepted, refused] = [0, 0];
    fc.assert(
      fc.property(fc.oneof(nearlyValid, fc.jsonValue({ maxDepth: 4 })), (value) => {
        const before = JSON.stringify(value);
        const errors = check(value);
        expect(errors.length === 0).toBe(isValid(parsed(before)));
        if (errors.length === 0) accepted += 1;
        else refused += 1;
        for (const { field, message } of errors)
          if (field === '' || message === '') throw new Error(`${field}: ${message}`);
        // No coercion, no defaults, nothing taken out.
        expect(JSON.stringify(value)).toBe(before);
      }),
      { numRuns: 10_000 },
    );
    expect(Math.min(accepted, refused)).toBeGreaterThan(1000);
  });

  it('name the place of every error', () => {
    expect(check({ argv: ['a', 1], environment: { a: 1 }, lines: '5', constructor: 1 })).toEqual([
      { field: 'operation', message: 'is required' },
      { field: 'constructor', message: 'is no parameter of this tool' },
      { field: 'argv[1]', message: 'must be string' },
      { field: 'environment.a', message: 'must be string' },
      { field: 'lines', message: 'must be integer' },
    ]);
    expect(check({ operation: 'rm' })).toEqual([{ field: 'operation', message: 'must be one of ["read","write"]' }]);
  });

  it.each([
    ['a prototype', parsed('{"operation":"read","__proto__":{"path":"a"}}')],
    ['a deep prototype', parsed('{"operation":"read","environment":{"__proto__":{"a":"b"}}}')],
    ['a NUL', { operation: 'read', path: 'a\0b' }],
    ['a NUL in a name', { operation: 'read', environment: { 'a\0': 'b' } }],
    ['half a character', { operation: 'read', path: '\ud800' }],
    ['deep nesting', parsed(`{"environment":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}`)],
    ['many values', { operation: 'read', argv: Array.from({ length: MAX_PARAMETER_VALUES }, () => 1) }],
    ['many bytes', { operation: 'read', path: 'x'.repeat(1024 * 1024) }],
    ['a list', []],
    ['nothing', undefined],
    ['null', null],
  ])('are refused in one sentence with %s', (_what, value) => {
    expect(check(value)).toHaveLength(1);
    expect('path' in {}).toBe(false);
  });

  it('are held to a depth that nothing of ours has', () => {
    const schema: ParametersSchema = { type: 'object', properties: { a: {} }, additionalProperties: false };
    const nested = (depth: number): unknown => (depth === 1 ? {} : { a: nested(depth - 1) });
    expect(parameterCheckOf(schema)(nested(MAX_PARAMETERS_DEPTH))).toEqual([]);
    expect(parameterCheckOf(schema)(nested(MAX_PARAMETERS_DEPTH + 1))).toHaveLength(1);
  });

  it('are held against patterns in linear time', () => {
    const schema: ParametersSchema = {
      type: 'object',
      properties: { a: { type: 'string', pattern: '^(a+)+$' }, b: { type: 'string', pattern: '^\\u00e9\\/\\d$' } },
      additionalProperties: false,
    };
    // A backtracking engine would not end before this test's time does.
    expect(parameterCheckOf(schema)({ a: `${'a'.repeat(50_000)}!` })).toHaveLength(1);
    expect(parameterCheckOf(schema)({ a: 'aaa', b: 'é/1' })).toEqual([]);
    expect(parameterCheckOf(schema)({ a: 'aaa', b: 'aaa' })).toMatchObject([{ field: 'b' }]);
  });

  it.each([
    ['a list', { type: 'array' }],
    ['no properties', { type: 'object', additionalProperties: false }],
    ['properties without names', { type: 'object', properties: {}, additionalProperties: true }],
    ['an unknown type', { type: 'object', properties: { a: { type: 'text' } }, additionalProperties: false }],
    ['an unknown keyword', { type: 'object', properties: { a: { minimal: 1 } }, additionalProperties: false }],
    [
      'a pattern that cannot be linear',
      { type: 'object', properties: { a: { pattern: '(?=a)' } }, additionalProperties: false },
    ],
    ['a reference to nothing', { type: 'object', properties: { a: { $ref: '#/b' } }, additionalProperties: false }],
  ])('cannot be held to a schema with %s', (_what, schema) => {
    expect(() => parameterCheckOf(schema as unknown as ParametersSchema)).toThrow(/its schema is not/);
  });
});

describe('parameters of POST /tools/execute', () => {
  let room: ToolsRoom;
  beforeAll(async () => {
    room = await ToolsRoom.start({ tools: { ratePerMinute: 0 } });
    room.add('fuzzed', (parameters) => ({ success: true, output: parameters }), { schema: SCHEMA, risk: 'read' });
  });
  afterAll(() => room.close());

  it('run the tool exactly when they are valid, as they came; else a 400 that writes nothing', async () => {
    let ran = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          { weight: 4, arbitrary: nearlyValid },
          { weight: 1, arbitrary: fc.dictionary(text, fc.jsonValue({ maxDepth: 3 })) },
        ),
        async (value) => {
          const answer = await room.execute('fuzzed', value);
          const sent = parsed(JSON.stringify(value));
          expect(answer.status).toBe(isValid(sent) ? 200 : 400);
          if (answer.status === 200) {
            ran += 1;
            expect(answer.body.output).toEqual(sent);
          } else {
            expectProblemShape({ ...answer, text: JSON.stringify(answer.body) });
          }
        },
      ),
      { numRuns: 250 },
    );
    expect(ran).toBeGreaterThan(20);
    expect(await room.rows('fuzzed')).toHaveLength(ran);
  });
});

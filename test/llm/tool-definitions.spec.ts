import { Ajv } from 'ajv';
import fc from 'fast-check';
import type { ToolDefinition } from '../../src/llm/prompt-layout.js';
import { ownNameOf, wireNamesOf, wireToolsOf } from '../../src/llm/providers/anthropic/tools.rules.js';

const tool = (inputSchema: object, name = 'files'): ToolDefinition => ({
  name,
  description: `Does ${name}.`,
  inputSchema,
});
const object = (
  properties: Record<string, unknown>,
  required: readonly string[] = Object.keys(properties),
): object => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const [text, count] = [{ type: 'string' }, { type: 'integer' }];

/** What the API refuses in a strict schema. */
const REFUSED =
  /"(?:minLength|maxLength|minimum|maximum|exclusiveMinimum|exclusiveMaximum|multipleOf|pattern|maxItems|uniqueItems|default|\$schema)":/;

describe('a strict tool definition', () => {
  it('says what the schema says, and in words what strict schemas cannot', () => {
    const schema = object(
      {
        operation: { type: 'string', enum: ['read', 'write'] },
        path: { type: 'string', description: 'Relative.', minLength: 1, maxLength: 4096, pattern: '^[^\\0]*$' },
        max_lines: { type: 'integer', minimum: 1, maximum: 1000, default: 100 },
        argv: { type: 'array', items: { ...text, maxLength: 10 }, minItems: 1, maxItems: 50 },
        when: { type: 'string', format: 'date-time' },
      },
      ['operation', 'path'],
    );
    const [wire] = wireToolsOf([tool({ $schema: 'https://json-schema.org/draft/2020-12/schema', ...schema })]);
    expect(wire).toMatchObject({
      name: 'files',
      description: 'Does files.',
      strict: true,
      input_schema: { type: 'object', additionalProperties: false, required: ['operation', 'path'] },
    });
    const { properties } = wire?.input_schema as { properties: Record<string, { description?: string }> };
    expect(Object.keys(properties)).toEqual(['operation', 'path', 'max_lines', 'argv', 'when']);
    expect(properties.path?.description).toMatch(/^Relative\.[^]*minLength: 1[^]*maxLength: 4096[^]*pattern/);
    expect(properties.max_lines?.description).toMatch(/minimum: 1.*maximum: 1000.*default: 100/);
    expect(properties.argv).toMatchObject({ type: 'array', minItems: 1 });
    expect(properties.when).toMatchObject({ format: 'date-time' });
    expect(JSON.stringify(wire?.input_schema)).not.toMatch(REFUSED);
  });

  it.each([
    ['a map', object({ environment: { type: 'object', additionalProperties: text } })],
    ['an open object', { type: 'object', properties: { path: text }, additionalProperties: true }],
    ['a reference', object({ path: { $ref: '#/$defs/path' } })],
    ['a condition', { ...object({ path: text }), if: {}, then: {} }],
    ['a value of no type', object({ anything: {} })],
    ['a list of no type', object({ list: { type: 'array' } })],
    ['a choice of objects', object({ one: { enum: [{ a: 1 }] } })],
    ['a choice of nothing', object({ one: { enum: [] } })],
    ['no object', { type: 'string' }],
  ])('is not made of %s, which is sent as it is', (_, schema) => {
    expect(wireToolsOf([tool(schema)])).toEqual([{ name: 'files', description: 'Does files.', input_schema: schema }]);
  });

  it('is made of as many tools as a request may have, the first ones', () => {
    const small = Array.from({ length: 25 }, (_, index) => tool(object({ path: text }), `t${index}`));
    expect(wireToolsOf(small).map(({ strict }) => strict)).toEqual([
      ...Array<boolean>(20).fill(true),
      ...Array<undefined>(5).fill(undefined),
    ]);
    const optional = (names: number, name: string): ToolDefinition =>
      tool(object(Object.fromEntries(Array.from({ length: names }, (_, index) => [`p${index}`, count])), []), name);
    const wire = wireToolsOf([optional(20, 'a'), optional(5, 'b'), optional(4, 'c'), optional(1, 'd')]);
    expect(wire.map(({ name, strict }) => [name, strict])).toEqual([
      ['a', true],
      ['b', undefined],
      ['c', true],
      ['d', undefined],
    ]);
    const unions = (members: number, name: string): ToolDefinition =>
      tool(
        object(Object.fromEntries(Array.from({ length: members }, (_, i) => [`p${i}`, { type: ['string', 'null'] }]))),
        name,
      );
    expect(wireToolsOf([unions(16, 'a'), unions(1, 'b')]).map(({ strict }) => strict)).toEqual([true, undefined]);
  });

  it('takes all that the full schema takes', () => {
    const bounds = fc.record(
      { minLength: fc.nat(3), maxLength: fc.integer({ min: 3, max: 9 }), pattern: fc.constant('^a') },
      { requiredKeys: [] },
    );
    const given = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 });
    fc.assert(
      fc.property(bounds, given, fc.integer(), (keywords, path, lines) => {
        const full = object({ path: { ...text, ...keywords }, lines: { ...count, minimum: 0 } }, ['path']);
        const [wire] = wireToolsOf([tool(full)]);
        const ajv = new Ajv({ strict: false });
        const value = { path, lines };
        expect(wire?.strict).toBe(true);
        expect(!ajv.validate(full, value) || ajv.validate(wire?.input_schema ?? {}, value)).toBe(true);
      }),
    );
  });
});

describe('a schema that the API would refuse, with the whole request', () => {
  const [a, odd] = [text, { 'filter[id]': text, a: text }];

  it.each([
    ['alternatives at the top', { type: 'object', properties: { a }, anyOf: [{ required: ['a'] }, object({ a })] }],
    ['only alternatives of objects', { type: 'object', properties: { a }, anyOf: [object({ a }), object({ a })] }],
    ['all of something', { type: 'object', properties: { a }, allOf: [{ required: ['a'] }] }],
    ['an odd name', { type: 'object', properties: odd, required: ['filter[id]', 'a'] }],
    ['an odd name further down', { type: 'object', properties: { a: object({ $top: text }) }, required: ['a'] }],
    ['a long name', { type: 'object', properties: { a, ['n'.repeat(65)]: text } }],
    ['words of an earlier draft', { type: 'object', properties: { a: { type: 'array', items: [text] } } }],
  ])('is told in words: %s', (_what, inputSchema) => {
    const [wire] = wireToolsOf([tool(inputSchema)]);
    expect(wire).not.toHaveProperty('strict');
    expect(wire?.description).toBe(
      `Does files.\nIts parameters have to be valid by this JSON Schema: ${JSON.stringify(inputSchema)}`,
    );
    const { properties, required, ...rest } = wire?.input_schema as { properties: object; required: unknown };
    expect(Object.keys(properties)).toEqual(['a']);
    expect(JSON.stringify(properties)).not.toContain('$top');
    expect(required).toEqual('required' in inputSchema ? ['a'] : []);
    expect(rest).toEqual({ type: 'object' });
  });

  it('is no matter where the API takes it', () => {
    const schema = {
      $schema: 'http://json-schema.org/draft-07/schema#',
      type: 'object',
      properties: { a: { anyOf: [a, count] } },
    };
    expect(wireToolsOf([tool({ ...schema, additionalProperties: true })])).toEqual([
      { name: 'files', description: 'Does files.', input_schema: { ...schema, additionalProperties: true } },
    ]);
  });
});

describe('a name on the wire', () => {
  it('is one that the API takes, and leads back to ours', () => {
    const names = [
      'server.tool',
      'server_tool',
      'server/tool',
      'file_operations',
      'x'.repeat(200),
      `${'x'.repeat(200)}y`,
      'é',
    ];
    const wire = [...wireNamesOf(names).values()];
    expect(wireNamesOf(names).get('server_tool')).toBe('server_tool');
    expect(wireNamesOf(names).get('server.tool')).toBe('server_tool_2');
    expect(new Set(wire).size).toBe(names.length);
    const tools = names.map((name) => tool(object({}), name));
    for (const name of names) expect(ownNameOf(tools)(wireNamesOf(names).get(name) ?? '')).toBe(name);
    expect(ownNameOf(tools)('made_up')).toBe('made_up');
  });

  it('is unique and reversible, whatever the tools are called', () => {
    const unique = fc.uniqueArray(
      fc.string({ minLength: 1, maxLength: 140, unit: fc.constantFrom('a', '.', '_', '2', 'ö') }),
      {
        maxLength: 12,
      },
    );
    fc.assert(
      fc.property(unique, (names) => {
        const wire = wireNamesOf(names);
        const own = ownNameOf(names.map((name) => tool(object({}), name)));
        expect(new Set(wire.values()).size).toBe(names.length);
        for (const name of names) {
          expect(wire.get(name)).toMatch(/^[a-zA-Z0-9_-]{1,128}$/);
          expect(own(wire.get(name) ?? '')).toBe(name);
        }
      }),
    );
  });
});

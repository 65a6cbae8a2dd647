import { Ajv } from 'ajv';
import fc from 'fast-check';
import { OFFLINE_HEADER } from '../../src/llm/providers/offline/offline-header.js';
import { OfflineProvider } from '../../src/llm/providers/offline/offline.provider.js';

const provider = new OfflineProvider();
const ask = async (prompt: string, more: { schema?: object; system?: string; maxTokens?: number } = {}) =>
  provider.generate(
    {
      model: 'claude-haiku-5-5',
      maxTokens: more.maxTokens ?? 4096,
      prompt,
      system: more.system,
      output: more.schema && { name: 'output', schema: more.schema },
      cache: {},
    },
    new AbortController().signal,
  );
const fill = async (prompt: string, schema: object): Promise<unknown> =>
  JSON.parse((await ask(prompt, { schema })).text);

const PLAN = {
  type: 'object',
  properties: {
    subtasks: {
      type: 'array',
      minItems: 1,
      maxItems: 8,
      items: {
        type: 'object',
        properties: {
          id: { type: 'string', pattern: '^[a-z0-9-]+$' },
          title: { type: 'string', maxLength: 80 },
          instructions: { type: 'string' },
          dependencies: { type: 'array', items: { type: 'string' } },
          kind: { enum: ['code_synthesis', 'data_analysis', 'content_summary'] },
        },
        required: ['id', 'title', 'instructions', 'dependencies', 'kind'],
        additionalProperties: false,
      },
    },
  },
  required: ['subtasks'],
  additionalProperties: false,
};

it('plans from the sentences of the task alone', async () => {
  const prompt =
    'Plan the task below. Use at most 8 subtasks.\n<task>Collect the sales figures. Then write a data analysis of them. Draw a chart.</task>';
  expect(await fill(prompt, PLAN)).toEqual({
    subtasks: [
      {
        id: 'step-1',
        title: 'Collect the sales figures',
        instructions: 'Collect the sales figures.',
        dependencies: [],
        kind: 'code_synthesis',
      },
      {
        id: 'step-2',
        title: 'Then write a data analysis of them',
        instructions: 'Then write a data analysis of them.',
        dependencies: ['step-1'],
        kind: 'data_analysis',
      },
      { id: 'step-3', title: 'Draw a chart', instructions: 'Draw a chart.', dependencies: [], kind: 'code_synthesis' },
    ],
  });
});

it('plans a step for each item of a list; a numbered one is a sequence', async () => {
  const plan = (await fill('1. Read the file\n2. Sum it up\n3. Send it', PLAN)) as {
    subtasks: { dependencies: string[] }[];
  };
  expect(plan.subtasks.map((subtask) => subtask.dependencies)).toEqual([[], ['step-1'], ['step-2']]);
});

it('deals more sentences than the plan may have steps out to all of them', async () => {
  const prompt = Array.from({ length: 21 }, (_, index) => `Look at part ${index}.`).join(' ');
  const plan = (await fill(prompt, PLAN)) as { subtasks: { instructions: string }[] };
  expect(plan.subtasks).toHaveLength(8);
  expect(plan.subtasks.map((subtask) => subtask.instructions).join(' ')).toBe(prompt);
});

const leaf: fc.Arbitrary<Record<string, unknown>> = fc.oneof(
  fc.record({ type: fc.constant('string'), minLength: fc.nat(5), maxLength: fc.integer({ min: 5, max: 300 }) }),
  fc.constant({ type: 'string', format: 'uuid' }),
  fc.constant({ type: 'boolean' }),
  fc.constant({ type: 'null' }),
  fc.constant({ type: ['string', 'null'] }),
  fc.constant({ const: 7 }),
  fc.record({
    type: fc.constantFrom('number', 'integer'),
    minimum: fc.integer({ min: -9, max: 0 }),
    maximum: fc.integer({ min: 1, max: 9 }),
  }),
  fc.constant({ type: 'integer', exclusiveMinimum: 3 }),
  fc.constant({ type: 'number', exclusiveMinimum: 0 }),
  fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 4 }).map((choices) => ({ enum: choices })),
);
const schemas = fc.letrec<{ any: Record<string, unknown>; object: Record<string, unknown> }>((tie) => ({
  object: fc.dictionary(fc.stringMatching(/^[a-z]{1,12}$/), tie('any'), { maxKeys: 4 }).map((properties) => ({
    type: 'object',
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
  })),
  any: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    tie('object'),
    fc.record({
      type: fc.constant('array'),
      items: tie('any'),
      minItems: fc.nat(2),
      maxItems: fc.integer({ min: 2, max: 5 }),
    }),
    tie('any').map((schema) => ({ anyOf: [{ type: 'null' }, schema] })),
  ),
}));

it('fills any schema with a value it allows, always the same', async () => {
  const ajv = new Ajv({ strict: false, validateFormats: false });
  await fc.assert(
    fc.asyncProperty(schemas.object, fc.string({ maxLength: 400 }), async (schema, prompt) => {
      const value = await fill(prompt, schema);
      expect({ value, errors: ajv.validate(schema, value) ? [] : ajv.errors }).toEqual({ value, errors: [] });
      expect(await fill(prompt, schema)).toEqual(value);
    }),
    { numRuns: 100 },
  );
});

it('follows references, also those that go round in circles', async () => {
  const schema = {
    $defs: {
      node: {
        type: 'object',
        properties: { name: { type: 'string' }, children: { type: 'array', items: { $ref: '#/$defs/node' } } },
        required: ['name'],
      },
    },
    type: 'object',
    properties: { root: { $ref: '#/$defs/node' } },
    required: ['root'],
  };
  expect(new Ajv().validate(schema, await fill('One. Two. Three.', schema))).toBe(true);
});

it('says that it is offline, what was asked, and what the results brought', async () => {
  const inner = await ask(
    '<task>Everything.</task>\n<subtask>Look at tea\n\nTea has less caffeine. It is older.</subtask>',
  );
  expect(inner.text).toBe(`${OFFLINE_HEADER}\n\nAsked: Look at tea\n\n- Tea has less caffeine.\n- It is older.`);
  const results = `<result>\nTea\n\n${inner.text}\n</result>\n<result>\nCoffee\n\nCoffee is bitter.\n</result>`;
  const { text, stopReason } = await ask(
    `<task>Compare tea and coffee.</task>\n<context>{"a": 1}</context>\n${results}`,
  );
  expect(text).toBe(
    `${OFFLINE_HEADER}\n\nAsked: Compare tea and coffee.\n\n- Tea: Tea has less caffeine. It is older.\n- Coffee: Coffee is bitter.`,
  );
  expect(stopReason).toBe('end_turn');
});

it('makes steps of what is to be done, not of the conditions', async () => {
  const task = '<task>\nWrite a report.\n\nConstraints:\n- Two pages\n\nDeliverables:\n- A summary\n- A table\n</task>';
  const plan = (await fill(task, PLAN)) as { subtasks: { title: string }[] };
  expect(plan.subtasks.map((subtask) => subtask.title)).toEqual(['Write a report', 'A summary', 'A table']);
});

it('keeps to max_tokens', async () => {
  expect(await ask('Write.', { maxTokens: 2 })).toMatchObject({ stopReason: 'max_tokens', usage: { outputTokens: 2 } });
});

it('answers any text', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 500 }), async (prompt) => {
      const { text } = await ask(prompt);
      return text.startsWith(OFFLINE_HEADER) && text === (await ask(prompt)).text;
    }),
  );
});

it.each(['<task>', '<a', '<task ', '</result>', 'a. ', '1. ', ' \n', '.', ':'])(
  'answers 200,000 characters of %j at once',
  async (piece) => {
    const prompt = piece.repeat(200_000 / piece.length);
    expect((await ask(prompt)).text.startsWith(OFFLINE_HEADER)).toBe(true);
    expect(await fill(prompt, PLAN)).toHaveProperty('subtasks');
  },
  5_000,
);

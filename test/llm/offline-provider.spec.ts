import fc from 'fast-check';
import { OFFLINE_HEADER } from '../../src/llm/providers/offline/offline-header.js';
import { PLAN_SCHEMA } from '../../src/orchestrator/planning/plan.rules.js';
import { ask, fill, provider, requestFor } from './offline-asking.js';

const names = fc.oneof(
  fc.stringMatching(/^[a-z]{1,12}$/),
  // Names of which something is known, whatever type the schema gives them.
  fc.constantFrom('passed', 'score', 'findings', 'criteria', 'recommendation', 'vote', 'confidence', 'risks'),
  fc.constantFrom('agreements', 'severity', 'message', 'subtasks', 'dependencies', 'id', 'title', 'summary'),
  fc.constantFrom('constructor', 'toString'),
);

const leaf: fc.Arbitrary<Record<string, unknown>> = fc.oneof(
  fc.record({ type: fc.constant('string'), minLength: fc.nat(5), maxLength: fc.integer({ min: 5, max: 300 }) }),
  fc.record({ type: fc.constant('string'), minLength: fc.nat(900) }),
  fc
    .constantFrom('^[a-z0-9-]+$', '^[A-Z]{2}-\\d{4}$', '^(?:v\\d+\\.)?\\w{3,5}$', '[^a-z ]x|y', '^\\S+@\\S+\\.com$')
    .map((pattern) => ({ type: 'string', pattern })),
  fc.constantFrom<Record<string, unknown>>(
    { type: 'string', format: 'uuid' },
    { type: 'boolean' },
    { type: 'null' },
    { type: ['string', 'null'] },
    { type: ['null', 'integer'], minimum: 3 },
    { const: 7 },
    {},
    { minimum: 4 },
    { type: 'integer', exclusiveMinimum: 3 },
    { type: 'number', exclusiveMinimum: 0 },
    { type: 'number', exclusiveMaximum: 0 },
    { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 },
    { type: 'number', minimum: 0.25, multipleOf: 0.1 },
    { allOf: [{ type: 'integer', minimum: 2 }, { minimum: 5, maximum: 9 }, { maximum: 6 }] },
  ),
  fc.record({
    type: fc.constantFrom('number', 'integer'),
    minimum: fc.integer({ min: -9, max: 0 }),
    maximum: fc.integer({ min: 1, max: 9 }),
  }),
  fc.record({
    type: fc.constant('integer'),
    minimum: fc.integer({ min: -50, max: 50 }),
    multipleOf: fc.integer({ min: 1, max: 9 }),
  }),
  fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 4 }).map((choices) => ({ enum: choices })),
);

const schemas = fc.letrec<{ any: Record<string, unknown>; object: Record<string, unknown> }>((tie) => ({
  object: fc
    .record({
      properties: fc.dictionary(names, tie('any'), { maxKeys: 5 }),
      isOptional: fc.boolean(),
      more: fc.constantFrom<object>(
        { additionalProperties: false },
        {},
        { additionalProperties: { type: 'integer' }, minProperties: 6 },
      ),
    })
    .map(({ properties, isOptional, more }) => ({
      type: 'object',
      properties,
      required: Object.keys(properties).slice(isOptional ? 2 : 0),
      ...more,
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
    fc.constant({ type: 'array', items: { type: 'string', maxLength: 20 }, minItems: 4, uniqueItems: true }),
    fc.constant({ type: 'array', items: { type: 'integer', minimum: 0, maximum: 9 }, minItems: 3, uniqueItems: true }),
    tie('any').map((item) => ({ type: 'array', items: [item, { type: 'string' }], minItems: 2, maxItems: 2 })),
    tie('any').map((schema) => ({ anyOf: [{ type: 'null' }, schema] })),
    tie('object').map((schema) => ({ oneOf: [schema, { type: 'string' }] })),
  ),
}));

const prompts = fc.oneof(
  fc.string({ maxLength: 400 }),
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.constantFrom(
    '<task>Write.\n\nDeliverables:\n- A table\n</task>\n<output>I cannot.</output>',
    'Options: tea, coffee. You are the dissenter.',
    '1. Read\n2. Sum up',
  ),
);

describe('a structured output', () => {
  it('is one that the schema allows, whatever it is, and always the same', async () => {
    await fc.assert(
      fc.asyncProperty(schemas.object, prompts, async (schema, prompt) => {
        expect(await fill(prompt, schema)).toEqual(await fill(prompt, schema));
      }),
      { numRuns: 150 },
    );
  });

  const node = {
    type: 'object',
    properties: { name: { type: 'string' }, children: { type: 'array', items: { $ref: '#/$defs/node' } } },
    required: ['name'],
  };
  it.each([
    ['go round in circles', node],
    [
      'may go on for ever',
      { anyOf: [{ type: 'array', items: { $ref: '#/$defs/node' }, minItems: 1 }, { type: 'string' }] },
    ],
    [
      'multiply',
      {
        type: 'object',
        properties: Object.fromEntries('abcdefgh'.split('').map((name) => [name, { $ref: '#/$defs/node' }])),
      },
    ],
  ])('follows references, also those that %s', async (_, definition) => {
    const schema = {
      $defs: { node: definition },
      type: 'object',
      properties: { root: { $ref: '#/$defs/node' } },
      required: ['root'],
    };
    await fill('One. Two. Three.', schema, { maxTokens: 100_000 });
  });

  it('ends for a schema that refers to nothing but itself', async () => {
    const schema = { anyOf: [{ $ref: '#' }, { type: 'string' }] };
    await expect(ask('One. Two.', { schema })).resolves.toMatchObject({ text: 'null', stopReason: 'end_turn' });
  });

  it('is made to fit max_tokens, and cut where it cannot', async () => {
    const prompt = Array.from({ length: 500 }, (_, index) => `Prüfe "${index}" 世界.`).join(' ');
    for (const maxTokens of [16_000, 2000, 700]) {
      const { subtasks } = await fill<{ subtasks: unknown[] }>(prompt, PLAN_SCHEMA, { maxTokens });
      expect(subtasks).toHaveLength(8);
    }
    const { text, stopReason, usage } = await ask(prompt, { schema: PLAN_SCHEMA, maxTokens: 20 });
    expect(stopReason).toBe('max_tokens');
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(80);
    expect(usage.outputTokens).toBeLessThanOrEqual(20);
  });
});

describe('any answer', () => {
  it('of text begins with the header and is the same when asked again', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 500 }), async (prompt) => {
        const { text } = await ask(prompt);
        expect(text.startsWith(OFFLINE_HEADER)).toBe(true);
        expect((await ask(prompt)).text).toBe(text);
      }),
    );
  });

  it('keeps to max_tokens, in bytes, with whole characters', async () => {
    const prompt = 'Über 𝒳𝒴𝒵 世界 schreiben.';
    for (let maxTokens = 1; maxTokens < 40; maxTokens += 1) {
      const { text, stopReason, usage } = await ask(prompt, { maxTokens });
      const whole = await ask(prompt);
      expect(text.isWellFormed()).toBe(true);
      expect(whole.text.startsWith(text)).toBe(true);
      expect(usage.outputTokens).toBeLessThanOrEqual(maxTokens);
      expect(stopReason).toBe(text === whole.text ? 'end_turn' : 'max_tokens');
    }
  });

  it('counts a token for four bytes of all that is sent, and never a cache', async () => {
    const small = requestFor('Größe');
    const inputSchema = { type: 'object', properties: { path: { type: 'string' } } };
    const tools = [{ name: 'read', description: 'Reads.', inputSchema }];
    const large = requestFor('Größe', { system: 'Be brief.', sharedContext: 'A shop.', schema: inputSchema, tools });
    const sent = ['Be brief.', 'A shop.\n\nGröße', JSON.stringify(tools[0]), JSON.stringify(large.output)].join('');
    const { usage } = await provider.generate(large, new AbortController().signal);
    expect(provider.inputTokensBound(small)).toBe(7);
    expect(provider.inputTokensBound(large)).toBe(Buffer.byteLength(sent));
    expect(usage).toMatchObject({
      inputTokens: Math.ceil(Buffer.byteLength(sent) / 4),
      cacheCreation5mTokens: 0,
      cacheCreation1hTokens: 0,
      cacheReadTokens: 0,
    });
  });

  it.each([
    ...['<task>', '<a', '<task ', '</result>', '<output>a b c d</output>', '<option>a</option>', '<view>a</view>'],
    ...['a. ', '1. ', ' \n', '.', ':', '{', '"', '`', '```\n', '1. a\n  - b\n', '1. a 2. b ', '- "a" b\n', 'step 1: '],
    ...[
      'read ',
      'read the ',
      'read a.txt, ',
      'list files ',
      'write "',
      'a/',
      'sum ',
      'fasse ',
      'as  ',
      ', then a b',
      'z. ',
    ],
    ...['Options:\n- a: b\n', 'Success criteria:\n- a\n', 'ich kann ', 'ä', '𝒳', 'x{"a":'],
  ])(
    'to 200,000 characters of %j comes at once',
    async (piece) => {
      const prompt = piece.repeat(200_000 / piece.length);
      const inputSchema = { type: 'object', properties: { path: { type: 'string' }, command: { type: 'string' } } };
      const tools = [{ name: 'x', description: '', inputSchema }];
      const judged = { type: 'object', properties: { passed: { type: 'boolean' }, score: { type: 'number' } } };
      const voted = { type: 'object', properties: { vote: { type: 'string' }, confidence: { type: 'number' } } };
      expect((await ask(prompt, { tools })).text.startsWith(OFFLINE_HEADER)).toBe(true);
      expect(await fill(prompt, PLAN_SCHEMA, { maxTokens: 16_384 })).toHaveProperty('subtasks');
      expect(await fill(`<output>${prompt}</output>`, judged)).toHaveProperty('passed');
      expect(await fill(prompt, voted, { system: 'You are the dissenter.' })).toHaveProperty('vote');
    },
    60_000,
  );
});

describe('a stream', () => {
  const heard = async (prompt: string, signal?: AbortSignal, onPiece?: (piece: string) => void) => {
    const [events, pieces]: [string[], string[]] = [[], []];
    const onText = (piece: string): void => {
      events.push('text');
      pieces.push(piece);
      onPiece?.(piece);
    };
    const answer = ask(prompt, { signal, listener: { onStart: () => events.push('start'), onText } });
    return { answer: await answer.catch((error: unknown) => error as Error), events, pieces };
  };

  it('starts once and brings the text in words that make it up exactly', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 300 }), async (prompt) => {
        const { answer, events, pieces } = await heard(prompt);
        expect(answer).toHaveProperty('text', pieces.join(''));
        expect(events).toEqual(['start', ...pieces.map(() => 'text')]);
        expect(pieces.length).toBeGreaterThan(5);
        expect(pieces.every((piece) => piece.length > 0)).toBe(true);
      }),
    );
  });

  it('splits no character, also of a text without a blank', async () => {
    const { answer, pieces } = await heard('𝒳'.repeat(150));
    expect(answer).toHaveProperty('text', pieces.join(''));
    expect(pieces.every((piece) => piece.isWellFormed())).toBe(true);
  });

  it('ends when it is aborted, between two pieces, and nothing is charged', async () => {
    const controller = new AbortController();
    const { answer, pieces } = await heard('Say a few words.', controller.signal, (piece) => {
      if (piece.startsWith('together')) controller.abort();
    });
    expect(answer).toMatchObject({ name: 'ProviderFailure', charge: 'nothing' });
    expect(pieces.join('')).toBe('[offline: put together ');
  });

  it('lets others have their turn, who may abort it', async () => {
    const controller = new AbortController();
    setImmediate(() => controller.abort());
    const sentences = Array.from({ length: 12 }, (_, index) => `A sentence of several words, number ${index}.`);
    const { answer, pieces } = await heard(sentences.join(' '), controller.signal);
    expect(answer).toMatchObject({ name: 'ProviderFailure' });
    expect(pieces).toHaveLength(50);
  });

  it('does not start when it is aborted before', async () => {
    const { answer, events } = await heard('Say it.', AbortSignal.abort());
    expect(answer).toMatchObject({ charge: 'nothing' });
    expect(events).toEqual([]);
  });
});

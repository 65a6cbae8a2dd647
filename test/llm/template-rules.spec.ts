import fc from 'fast-check';
import { seedingOf, type StoredVersion } from '../../src/llm/prompt-templates/seeding.rules.js';
import {
  compiled,
  mismatches,
  rendered,
  takesTheSame,
  templateErrors,
  type TemplateVariable,
} from '../../src/llm/prompt-templates/template.rules.js';

const text = (name: string, required = true): TemplateVariable => ({ name, type: 'text', required });
const errorsOf = (content: string, variables: readonly TemplateVariable[] = []): string[] =>
  templateErrors({ content, variables }).map(({ field, message }) => `${field}: ${message}`);
const render = (content: string, variables: readonly TemplateVariable[], values: Record<string, unknown>): string =>
  rendered(compiled({ content, variables }), values);

describe('what is refused on save', () => {
  it.each([
    ['', [], 'content: must not be empty'],
    [' \n', [], 'content: must not be empty'],
    ['x'.repeat(100_001), [], 'content: must have at most 100000 characters'],
    ['Hello {{name}}', [], 'content: {{name}} is not among the variables'],
    ['Hello', [text('name')], 'variables.0.name: name does not stand in the content'],
    ['{{a}}', [text('a'), text('a')], 'variables.1.name: a is declared twice'],
    ['{{a}}', [text('a'), text('1a')], 'variables.1.name: must be 1 to 64 letters'],
    ['{{a', [text('a')], 'content: {{ is not closed (at character 1)'],
    ['{{a {{a}}', [text('a')], 'content: {{ is not closed (at character 1)'],
    ['{{a}} }}', [text('a')], 'content: }} closes nothing'],
    ['{{{a}}}', [text('a')], 'content: between {{ and }} must stand one name'],
    ['{{}}', [], 'content: between {{ and }} must stand one name'],
    ['{{a b}}', [], 'content: between {{ and }} must stand one name'],
    ['{{a}}'.repeat(11), [text('a')], 'content: {{a}} stands 11 times, at most 10 are allowed'],
    ['a', Array.from({ length: 101 }, (_, index) => text(`v${index}`)), 'variables: must be at most 100 variables'],
  ])('%.20j with %.40j', (content, variables, expected) => {
    expect(errorsOf(content, variables).join('\n')).toContain(expected);
    expect(() => compiled({ content, variables })).toThrow(/: /);
  });

  it('single braces, names with digits and spaces around them are fine', () => {
    expect(errorsOf('{"a": {"b": 1} } {{ name_1 }} }{', [text('name_1')])).toEqual([]);
    expect(render('{ {{ name_1 }} }', [text('name_1')], { name_1: 'x' })).toBe('{ x }');
  });
});

describe('rendering', () => {
  it('never renders a value again, whatever stands in it', () => {
    const value = fc.string().map((some) => `${some}{{b}}$&$1{{`);
    fc.assert(
      fc.property(value, value, (a, b) => {
        expect(render('<{{a}}|{{b}}|{{a}}>', [text('a'), text('b')], { a, b })).toBe(`<${a}|${b}|${a}>`);
      }),
    );
  });

  it('keeps every text around placeholders', () => {
    const literal = fc.string().filter((some) => !/[{}]/.test(some));
    fc.assert(
      fc.property(fc.array(literal, { minLength: 2, maxLength: 9 }), fc.string(), (parts, a) => {
        expect(render(parts.join('{{a}}'), [text('a')], { a })).toBe(parts.join(a));
      }),
    );
  });

  it('writes lists as lines, json indented, numbers as they are', () => {
    const variables = [
      { name: 'l', type: 'list', required: true },
      { name: 'j', type: 'json', required: true },
      { name: 'n', type: 'number', required: true },
    ] as const;
    expect(render('{{l}}|{{j}}|{{n}}', variables, { l: ['a', 'b'], j: { k: [1] }, n: 0.5 })).toBe(
      '- a\n- b|{\n  "k": [\n    1\n  ]\n}|0.5',
    );
  });

  it('a missing required value throws, a missing optional one is nothing', () => {
    const variables = [text('a'), text('b', false)];
    expect(render('{{a}}{{b}}', variables, { a: 'x', b: null })).toBe('x');
    for (const values of [{}, { a: undefined }, { a: null }])
      expect(() => render('{{a}}{{b}}', variables, values)).toThrow('a has no value');
    expect(() => render('{{constructor}}', [text('constructor')], {})).toThrow('constructor has no value');
  });

  it('a value of another type, or for no variable, throws', () => {
    expect(() => render('{{a}}', [text('a')], { a: 1 })).toThrow('is no text');
    expect(() => render('{{a}}', [{ name: 'a', type: 'number', required: true }], { a: NaN })).toThrow('is no number');
    expect(() => render('{{a}}', [{ name: 'a', type: 'list', required: true }], { a: [1] })).toThrow('is no list');
    expect(() => render('{{a}}', [text('a')], { a: 'x', other: 'y' })).toThrow('no variable other');
  });

  it.each(['{{', '}}', '{{a', '{{a}}', '{', '{{a}}}}', '{{ '])('looks at %j in any number once', (piece) => {
    // A quadratic scan of 100,000 characters takes seconds; what is asserted is that it ends within the test's time, many times over.
    const content = piece.repeat(Math.floor(100_000 / piece.length));
    for (let round = 0; round < 100; round += 1)
      expect(templateErrors({ content, variables: [] }).length).toBeLessThan(21);
  });

  it('grows with its values by a fixed factor at most', () => {
    const a = 'x'.repeat(200_000);
    expect(render('{{a}}'.repeat(10), [text('a')], { a })).toHaveLength(10 * a.length);
  });
});

it('variables are the same whatever their order and description, but not with another type or duty', () => {
  const a: TemplateVariable = { name: 'a', type: 'text', required: true, description: 'one' };
  expect(takesTheSame([a, text('b')], [text('b'), text('a')])).toBe(true);
  expect(takesTheSame([a], [{ ...a, required: false }])).toBe(false);
  expect(takesTheSame([a], [{ ...a, type: 'list' }])).toBe(false);
  expect(takesTheSame([], [a])).toBe(false);
  expect(mismatches([text('c')], [text('b', false)])).toEqual([
    'NYX fills b, an optional text; declare it so',
    'NYX has no value for c',
  ]);
});

describe('what a start seeds', () => {
  const code = { name: 'a', type: 'user', content: 'new', variables: [] } as const;
  const stored = (version: number, more: Partial<StoredVersion>): StoredVersion => ({
    ...{ name: 'a', version, template_type: 'user', content: 'new', variables: [] },
    ...{ is_active: false, created_by: 'nyx' },
    ...more,
  });

  it.each([
    ['the first version where there is none', [], { activate: true }],
    ['nothing while the text is the same', [stored(1, { is_active: true })], undefined],
    ['a changed text over its own', [stored(1, { content: 'old', is_active: true })], { activate: true }],
    [
      'a changed text beside a team’s',
      [stored(1, { content: 'old' }), stored(2, { created_by: 'a team', is_active: true })],
      { activate: false },
    ],
    [
      'nothing when an admin went back to an earlier version of NYX’s',
      [stored(1, { content: 'old', is_active: true }), stored(2, {})],
      undefined,
    ],
    [
      'a text that came back to what it once was',
      [stored(1, {}), stored(2, { content: 'between', is_active: true })],
      { activate: true },
    ],
    [
      'its own beside a name a team had first',
      [stored(1, { created_by: 'a team', is_active: true })],
      { activate: false },
    ],
    ['changed variables too', [stored(1, { variables: [text('x')], is_active: true })], { activate: true }],
  ])('%s', (_what, versions, expected) => {
    expect(seedingOf(code, versions)).toEqual(expected);
  });
});

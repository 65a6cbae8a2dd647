import { fill } from './offline-asking.js';
import { briefOf } from './workflow-prompts.js';

interface Verdict {
  readonly passed: boolean;
  readonly score: number;
  readonly findings: readonly {
    readonly severity: string;
    readonly message: string;
    readonly criterion: string | null;
  }[];
}

const VERDICT = {
  type: 'object',
  additionalProperties: false,
  required: ['passed', 'score', 'findings'],
  properties: {
    passed: { type: 'boolean' },
    score: { type: 'number', minimum: 0, maximum: 1 },
    findings: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['severity', 'message', 'criterion'],
        properties: {
          severity: { enum: ['info', 'warning', 'error'] },
          message: { type: 'string' },
          criterion: { type: ['string', 'null'] },
        },
      },
    },
  },
};

const taskOf = (objective: string, deliverables: string[] = [], constraints: string[] = []): string =>
  briefOf({ objective, constraints, deliverables }).sharedContext;

const judge = (task: string, output: string, rest = 'Judge the output.'): Promise<Verdict> =>
  fill(`${task}\n\n<output>\n${output}\n</output>\n\n${rest}`, VERDICT);

const COMPARE = taskOf(
  'Compare PostgreSQL with SQLite.',
  ['A comparison table', 'A recommendation', 'Migration steps'],
  ['At most 40 words', 'No prices', 'In a friendly tone'],
);
const GOOD =
  '| PostgreSQL | SQLite |\n\nThe comparison shows: we recommend PostgreSQL, a recommendation for growth. Steps of the migration: dump, load.';

describe('a verdict', () => {
  it('passes what has all that was listed', async () => {
    expect(await judge(COMPARE, GOOD)).toEqual({ passed: true, score: 1, findings: [] });
  });

  it('names what is missing, and what must not be there; the score is the share that is met', async () => {
    const { passed, score, findings } = await judge(
      COMPARE,
      '| PostgreSQL | SQLite |\nThe comparison has prices, a recommendation.',
    );
    expect(passed).toBe(false);
    expect(score).toBe(0.6);
    expect(findings.map(({ severity, criterion }) => [severity, criterion])).toEqual([
      ['error', 'No prices'],
      ['error', 'Migration steps'],
    ]);
    expect(findings[1]?.message).toContain('"migration", "steps" do not occur');
  });

  it('measures lengths', async () => {
    const { findings } = await judge(COMPARE, `${GOOD} ${'word '.repeat(40)}`);
    expect(findings).toMatchObject([{ severity: 'error', criterion: 'At most 40 words' }]);
    expect(findings[0]?.message).toMatch(/the output has \d+ words/);
  });

  it.each([
    ['', 'The output is empty.', 0],
    ['Yes.', 'The output is very short: 1 word.', 0.4],
    ['I cannot do this.', 'says that it failed', 0.2],
    ['Leider kann ich das nicht vergleichen.', 'says that it failed', 0.2],
    ['Error: no such table', 'says that it failed', 0.2],
    ['The PostgreSQL data is missing.', 'The output says "missing"', 0.2],
  ])('fails %j', async (output, message, most) => {
    const { passed, score, findings } = await judge(COMPARE, output);
    expect(passed).toBe(false);
    expect(score).toBeLessThanOrEqual(most);
    expect(findings[0]).toMatchObject({ severity: 'error', criterion: null });
    expect(findings[0]?.message).toContain(message);
  });

  it('fails where there is nothing to judge', async () => {
    const { passed, findings } = await fill<Verdict>(`${COMPARE}\n\nJudge the output.`, VERDICT);
    expect(passed).toBe(false);
    expect(findings[0]?.message).toBe('The prompt brings no output to judge.');
  });

  it.each([
    [
      'speaks of errors because it was asked about errors',
      'Explain error handling in Go.',
      'Go handles an error as a value.',
    ],
    ['answers a question in a word', 'What is the capital of France?', 'Paris.'],
  ])('passes an output that %s', async (_, objective, output) => {
    const { passed, findings } = await judge(taskOf(objective), output);
    expect(passed).toBe(true);
    expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  it('warns of a part that is missing in a longer output', async () => {
    const output = `Tea is a drink of leaves. ${'It is drunk in many countries of the world, hot or cold. '.repeat(5)}The chapter on coffee is missing.`;
    expect(await judge(taskOf('Describe tea as a drink.'), output)).toMatchObject({
      passed: true,
      findings: [{ severity: 'warning', message: expect.stringContaining('coffee is missing') as string }],
    });
  });

  it('says of an offline answer that only repeats the question what it is', async () => {
    const echo = '[offline: put together by rules, no model was asked]\n\nAsked: Name three uses of a paper clip.';
    expect(await judge(taskOf('Name three uses of a paper clip.'), echo)).toMatchObject({
      score: 0.5,
      findings: [{ severity: 'warning', message: 'The output only says back what was asked.' }],
    });
  });

  it('is about the output, not about results that it was made of', async () => {
    const prompt = `${COMPARE}\n\n<result>\nI cannot do this.\n</result>\n\n<output>\n${GOOD}\n</output>`;
    expect((await fill<Verdict>(prompt, VERDICT)).passed).toBe(true);
  });

  it('judges criteria of the prompt one by one, on the scale that is asked for', async () => {
    const schema = {
      type: 'object',
      required: ['criteria', 'approved', 'score', 'reason'],
      properties: {
        criteria: {
          type: 'array',
          items: {
            type: 'object',
            required: ['criterion', 'met', 'evidence'],
            properties: { criterion: { type: 'string' }, met: { type: 'boolean' }, evidence: { type: 'string' } },
          },
        },
        approved: { type: 'boolean' },
        needsRevision: { type: 'boolean' },
        score: { type: 'integer', minimum: 0, maximum: 100 },
        reason: { type: 'string' },
      },
    };
    const prompt =
      '<task>Describe tea</task>\n<output>Tea has caffeine and comes from China.</output>\nSuccess criteria:\n- Mentions "caffeine"\n- Names China\n- Mentions "milk"\n- At least 50 words';
    const { criteria, reason, ...rest } = await fill<{ criteria: object[]; reason: string }>(prompt, schema);
    expect(criteria).toMatchObject([
      { criterion: 'Mentions "caffeine"', met: true },
      { criterion: 'Names China', met: true },
      { criterion: 'Mentions "milk"', met: false },
      { criterion: 'At least 50 words', met: false },
    ]);
    expect(rest).toEqual({ approved: false, needsRevision: true, score: 50 });
    expect(reason).toBe('By rules, without a model: 2 of 4 criteria met; findings: 2, blocking: 2.');
  });

  it('judges the criteria that the schema names', async () => {
    const schema = {
      type: 'object',
      required: ['passed', 'criteria'],
      properties: {
        passed: { type: 'boolean' },
        criteria: {
          type: 'array',
          items: {
            type: 'object',
            required: ['name', 'passed'],
            properties: { name: { enum: ['has_table', 'names_costs', 'clarity'] }, passed: { type: 'boolean' } },
          },
        },
      },
    };
    expect(await fill('<output>| a table |</output>\nRequirements:\n- names_costs: the costs of both', schema)).toEqual(
      {
        passed: false,
        criteria: [
          { name: 'has_table', passed: true },
          { name: 'names_costs', passed: false },
          { name: 'clarity', passed: true },
        ],
      },
    );
  });
});

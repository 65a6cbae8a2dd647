import { PLAN_FORM } from '../../src/orchestrator/planning/plan.rules.js';
import { briefOf, prompts } from './workflow-prompts.js';
import { planErrors, type Plan } from '../../src/orchestrator/planning/plan.rules.js';
import { fill } from './offline-asking.js';

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

describe('a plan', () => {
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
        {
          id: 'step-3',
          title: 'Draw a chart',
          instructions: 'Draw a chart.',
          dependencies: [],
          kind: 'code_synthesis',
        },
      ],
    });
  });

  it('plans a step for each item of a list; a numbered one is a sequence', async () => {
    const plan = await fill<{ subtasks: { dependencies: string[] }[] }>(
      '1. Read the file\n2. Sum it up\n3. Send it',
      PLAN,
    );
    expect(plan.subtasks.map((subtask) => subtask.dependencies)).toEqual([[], ['step-1'], ['step-2']]);
  });

  it('deals more sentences than the plan may have steps out to all of them', async () => {
    const prompt = Array.from({ length: 21 }, (_, index) => `Look at part ${index}.`).join(' ');
    const plan = await fill<{ subtasks: { instructions: string }[] }>(prompt, PLAN);
    expect(plan.subtasks).toHaveLength(8);
    expect(plan.subtasks.map((subtask) => subtask.instructions).join(' ')).toBe(prompt);
  });

  it('makes steps of what is to be done, not of the conditions', async () => {
    const task =
      '<task>\nWrite a report.\n\nConstraints:\n- Two pages\n\nDeliverables:\n- A summary\n- A table\n</task>';
    const plan = await fill<{ subtasks: { title: string }[] }>(task, PLAN);
    expect(plan.subtasks.map((subtask) => subtask.title)).toEqual(['Write a report', 'A summary', 'A table']);
  });
});

/** A plan as the planner asks for it. */
async function planOf(objective: string, max = 8, more: { deliverables?: string[]; constraints?: string[] } = {}) {
  const brief = briefOf({ objective, ...more }, { domain_context: { team: 'at most 2 people' } });
  const { system, sharedContext, prompt } = prompts.planning(brief, max);
  const { subtasks } = await fill<Plan>(prompt, PLAN_FORM.schema, { system, sharedContext, maxTokens: 16_384 });
  expect(planErrors(subtasks, max)).toEqual([]);
  return subtasks;
}

const shapeOf = (subtasks: Plan['subtasks']) => subtasks.map(({ title, dependencies }) => [title, ...dependencies]);

describe("the planner's prompt", () => {
  it('is planned clause by clause where a sentence goes on with then and finally', async () => {
    const plan = await planOf('First collect the data, then analyse it, and finally write the report.');
    expect(shapeOf(plan)).toEqual([
      ['First collect the data'],
      ['Then analyse it', 'step-1'],
      ['Finally write the report', 'step-2'],
    ]);
    expect(plan.map(({ kind }) => kind)).toEqual(['document_generation', 'data_analysis', 'document_generation']);
  });

  it('has its conclusion wait for all that runs before it', async () => {
    const plan = await planOf('Choose a tea:\n- Look at green tea.\n- Look at black tea.\n- Finally recommend one.');
    expect(shapeOf(plan)).toEqual([
      ['Look at green tea'],
      ['Look at black tea'],
      ['Finally recommend one', 'step-1', 'step-2'],
    ]);
  });

  it('is read in German: abbreviations, dates and umlauts end no sentence', async () => {
    const plan = await planOf(
      'Zuerst sammle Zahlen, z. B. aus Köln. Danach prüfe sie bis zum 3. Mai. Abschließend erkläre die Größen.',
    );
    expect(plan.map(({ instructions, dependencies }) => [instructions, ...dependencies])).toEqual([
      ['Zuerst sammle Zahlen, z. B. aus Köln.'],
      ['Danach prüfe sie bis zum 3. Mai.', 'step-1'],
      ['Abschließend erkläre die Größen.', 'step-2'],
    ]);
  });

  it('is planned by its numbered list, each item with what is indented under it, and what is said before it left out', async () => {
    const plan = await planOf(
      'We run a shop. It is slow.\n\n1. Choose a database\n   - compare costs\n2. Install it\n   with care.\n3. Test as in step 1\n\nFinally tell the team.',
    );
    expect(plan.map(({ instructions, dependencies }) => [instructions, ...dependencies])).toEqual([
      ['Choose a database; compare costs'],
      ['Install it with care.', 'step-1'],
      ['Test as in step 1', 'step-1'],
      ['Finally tell the team.', 'step-2', 'step-3'],
    ]);
  });

  it.each([
    ['numbers in one line', 'Do the following: 1. read it 2. sum it up 3. send it'],
    ['labelled steps', 'Step 1: read it\nStep 2: sum it up\nStep 3: send it'],
    ['headings and code between', '# Plan\n\n1. read it\n```\n1. no step\n```\n2. sum it up\n3. send it'],
  ])('is planned by %s', async (_, objective) => {
    expect(shapeOf(await planOf(objective))).toEqual([['read it'], ['sum it up', 'step-1'], ['send it', 'step-2']]);
  });

  it('takes how things are along with what is to be done', async () => {
    const plan = await planOf('We have 20 users. Compare two databases. I want a chart too.');
    expect(plan.map(({ instructions }) => instructions)).toEqual([
      'Compare two databases. We have 20 users.',
      'I want a chart too.',
    ]);
  });

  it.each(['Report', '?', '🎉', 'Größe', '***', '-'])('of %j alone is one step', async (objective) => {
    expect(await planOf(objective)).toHaveLength(1);
  });

  it.each([
    [3, 3],
    [8, 8],
    [20, 20],
    [500, 24],
  ])('keeps to at most %i subtasks of 24 items', async (max, expected) => {
    const list = Array.from({ length: 24 }, (_, index) => `${index + 1}. Do part ${index + 1}`).join('\n');
    const plan = await planOf(list, max);
    expect(plan).toHaveLength(expected);
    expect(plan.map(({ instructions }) => instructions).join('\n')).toContain('Do part 24');
  });

  it('chooses kinds by what a step speaks of', async () => {
    const plan = await planOf(
      'Implement a parser. Translate the manual. Summarise the talk. Extract the dates. Tell a joke.',
    );
    expect(plan.map(({ kind }) => kind)).toEqual([
      'code_synthesis',
      'content_transformation',
      'content_summary',
      'structured_extraction',
      'document_generation',
    ]);
  });

  it('makes steps of deliverables, not of constraints or of mistakes of the plan before', async () => {
    const brief = briefOf({ objective: 'Write.', constraints: ['Short'], deliverables: ['A list'] });
    const { sharedContext, prompt } = prompts.repair(brief, 8, ['two subtasks have the same id']);
    const { subtasks } = await fill<Plan>(prompt, PLAN_FORM.schema, { sharedContext });
    expect(subtasks.map(({ title }) => title)).toEqual(['Write', 'A list']);
  });

  it('of 200,000 characters fits the tokens it may have', async () => {
    const sentences = Array.from({ length: 8700 }, (_, index) => `Prüfe den „Teil“ ${index}.`).join(' ');
    expect(sentences.length).toBeGreaterThan(190_000);
    expect(await planOf(sentences, 500)).toHaveLength(500);
    expect(await planOf(sentences)).toHaveLength(8);
  });
});

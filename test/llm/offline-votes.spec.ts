import { fill } from './offline-asking.js';

interface View {
  readonly recommendation: string;
  readonly confidence: number;
  readonly rationale: string;
  readonly agreements: readonly string[];
  readonly disagreements: readonly string[];
  readonly risks: readonly string[];
}

const texts = { type: 'array', items: { type: 'string' } };
const VIEW = {
  type: 'object',
  additionalProperties: false,
  required: ['recommendation', 'confidence', 'rationale', 'agreements', 'disagreements', 'risks'],
  properties: {
    recommendation: { type: 'string' },
    confidence: { type: 'number', minimum: 0, maximum: 1 },
    rationale: { type: 'string' },
    agreements: texts,
    disagreements: texts,
    risks: texts,
  },
};

const TASK = '<task>Choose a database for a small web shop. The shop may fail at night.</task>';
const OPTIONS =
  'Options:\n- PostgreSQL: a server to run and to test, technical, reliable\n- SQLite: a file, the lowest cost, cheap\n- MySQL: many measured numbers and data';
const systemFor = (role: string): string =>
  `You are the ${role} of a council. Its members are an engineer, a strategist, an analyst and a dissenter.`;
const viewOf = (role: string, prompt = `${TASK}\n\n${OPTIONS}\n\nGive your view.`): Promise<View> =>
  fill(prompt, VIEW, { system: systemFor(role) });

describe('a vote', () => {
  it.each([
    ['engineer', 'PostgreSQL'],
    ['strategist', 'SQLite'],
    ['analyst', 'MySQL'],
  ])('of the %s is for what the role cares about', async (role, recommendation) => {
    const view = await viewOf(role);
    expect(view.recommendation).toBe(recommendation);
    expect(view.rationale).toBe(
      `By rules, without a model: as ${role} "${recommendation}" shares most words with the task.`,
    );
    expect(view.confidence).toBeGreaterThan(0.5);
    expect(view.risks).toEqual(['The shop may fail at night.']);
    expect(await viewOf(role)).toEqual(view);
  });

  it('of the dissenter is against the first option, and names a risk', async () => {
    const view = await viewOf('dissenter');
    expect(view.recommendation).not.toBe('PostgreSQL');
    expect(view.disagreements[0]).toContain('against "PostgreSQL"');
    expect(view.risks[0]).toContain('PostgreSQL');
  });

  it('knows the role also from the prompt, when the system is shared by the council', async () => {
    const prompt = `${TASK}\n\n${OPTIONS}\n\nYou are the dissenter. Give your view.`;
    const view = await fill<View>(prompt, VIEW, { system: 'A council: engineer, strategist, dissenter.' });
    expect(view.disagreements[0]).toContain('dissenter');
  });

  it('of the facilitator follows the views of the others, and says where they agree', async () => {
    const views =
      '<view role="engineer">SQLite is enough.</view>\n<view role="analyst">SQLite, though MySQL is known better.</view>';
    const view = await viewOf('facilitator', `${TASK}\n\n${OPTIONS}\n\n${views}`);
    expect(view.recommendation).toBe('SQLite');
    expect(view.agreements).toEqual(['2 of 2 views name "SQLite".']);
    expect(view.disagreements).toEqual(['1 of 2 views name "MySQL".']);
  });

  it.each([
    ['elements', '<option id="a">A file</option>\n<option id="b">A small web shop database</option>', 'b'],
    ['labels', 'Option A: a file\nOption B: a small web shop database', 'Option B'],
    ['a line', 'Options: a file, a small web shop database', 'a small web shop database'],
  ])('finds the options in %s', async (_, options, recommendation) => {
    const view = await viewOf('member', `${TASK}\n\n${options}`);
    expect(view.recommendation).toBe(recommendation);
  });

  it('finds the options in a question, and says when nothing tells them apart', async () => {
    const view = await viewOf('member', 'Should we use PostgreSQL or SQLite for the shop?');
    expect(view).toMatchObject({ recommendation: 'PostgreSQL' });
    expect((await viewOf('dissenter', 'Should we use PostgreSQL or SQLite for the shop?')).recommendation).toBe(
      'SQLite',
    );
    const undecided = await viewOf('member', `${TASK}\n\nOptions: foo, bar`);
    expect(undecided).toMatchObject({ recommendation: 'foo', confidence: 0.5 });
    expect(undecided.rationale).toContain('is the first of those that rules cannot tell apart');
  });

  it("chooses among the schema's own options, with what the prompt says of them", async () => {
    const schema = {
      type: 'object',
      required: ['vote', 'confidence', 'consensus_level'],
      properties: {
        vote: { enum: ['keep_files', 'use_server'] },
        confidence: { type: 'integer', minimum: 0, maximum: 100 },
        consensus_level: { enum: ['low', 'medium', 'high'] },
      },
    };
    const prompt = `${TASK}\n\nOptions:\n- keep files: as it is\n- use server: a database for the web shop`;
    expect(await fill(prompt, schema, { system: systemFor('engineer') })).toMatchObject({
      vote: 'use_server',
      consensus_level: 'high',
    });
  });

  it('says for or against beside the option', async () => {
    const schema = {
      ...VIEW,
      required: [...VIEW.required, 'vote'],
      properties: { ...VIEW.properties, vote: { enum: ['approve', 'reject', 'abstain'] } },
    };
    const prompt = `${TASK}\n\n${OPTIONS}`;
    const votes = ['engineer', 'dissenter'].map((role) => fill(prompt, schema, { system: systemFor(role) }));
    expect(await Promise.all(votes)).toMatchObject([
      { recommendation: 'PostgreSQL', vote: 'approve' },
      { recommendation: expect.not.stringContaining('PostgreSQL') as string, vote: 'reject' },
    ]);
  });
});

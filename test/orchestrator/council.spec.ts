import type { RecordedRequest } from '../support/model-server.js';
import { OrchestratorFixture, strategy, type TreeNode } from './orchestrator-fixture.js';

const COUNCIL = 'member of the council';

const step = (id: string, dependencies: string[] = []) => ({
  id,
  title: `Step ${id}`,
  instructions: `Do ${id}.`,
  dependencies,
  kind: 'content_generation',
});
const decision = (subtasks: object[]) => ({
  recommendation: 'Do it in steps.',
  agreements: ['It can be done.'],
  disagreements: ['How long it takes.'],
  risks: ['It may take longer.'],
  confidence: 0.7,
  subtasks,
});
const vote = (role: string, option: string) => ({
  match: { schema: 'vote', prompt: new RegExp(`You are the ${role}`) },
  answer: { vote: option, reason: `Because of ${option}.`, confidence: 0.6 },
});
const consensusRequired = { quality_settings: { require_council_consensus: true } };

interface CouncilResult {
  recommendation: string;
  consensus_level: string;
  consensus: number;
  votes: Record<string, number>;
  perspectives: { role: string }[];
  agreements: string[];
  disagreements: string[];
  risks: string[];
  steps: string[];
  confidence: number;
  rounds: number;
}
const councilOf = (tree: TreeNode): CouncilResult =>
  (tree.metadata as { councils: { approach: CouncilResult } }).councils.approach;

describe('a council', () => {
  let fixture: OrchestratorFixture;

  beforeAll(async () => {
    fixture = await OrchestratorFixture.start();
  });
  afterAll(() => fixture.close());
  beforeEach(() => fixture.model.reset());

  const ofCouncil = (): RecordedRequest[] =>
    fixture.model.requests.filter(({ body }) => JSON.stringify(body).includes(COUNCIL));

  it('what it decides is what runs, and another decision runs something else', async () => {
    fixture.model.script({
      match: { schema: 'subtasks', prompt: 'Decide on bridges' },
      answer: decision([step('survey'), step('build', ['survey'])]),
    });
    const first = await fixture.execute('Decide on bridges.', strategy('council_driven'));
    expect(first).toMatchObject({ success: true, metadata: { strategy: 'council_driven', warnings: [] } });
    const tree = await fixture.tree(first.workflow_id);
    expect(tree.children.map(({ goal, status }) => [goal, status])).toEqual([
      ['Step survey', 'completed'],
      ['Step build', 'completed'],
    ]);
    expect(tree.children[1]?.llm_interactions[0]?.prompt_text).toContain('Step survey');
    expect(councilOf(tree)).toMatchObject({
      recommendation: 'Do it in steps.',
      consensus_level: 'unanimous',
      votes: { engineer: 3 },
      perspectives: [{ role: 'engineer' }, { role: 'strategist' }, { role: 'dissenter' }],
      agreements: ['It can be done.'],
      disagreements: ['How long it takes.'],
      risks: ['It may take longer.'],
      steps: ['Step survey', 'Step build'],
      confidence: 0.7,
      rounds: 1,
    });

    fixture.model.script({
      match: { schema: 'subtasks', prompt: 'Decide on bridges' },
      answer: decision([step('ask'), step('wait'), step('see')]),
    });
    const second = await fixture.execute('Decide on bridges.', strategy('council_driven'));
    const other = await fixture.tree(second.workflow_id);
    expect(other.children.map(({ goal }) => goal)).toEqual(['Step ask', 'Step wait', 'Step see']);
  });

  it('a decision whose steps break a rule is asked for again with its mistake, and no prose is read', async () => {
    fixture.model.script({
      match: { schema: 'subtasks' },
      answer: decision([step('a', ['b']), step('b', ['a'])]),
      times: 1,
    });
    const result = await fixture.execute('Compare. [[subtasks:2]]', strategy('council_driven'));
    expect(result.success).toBe(true);
    const tree = await fixture.tree(result.workflow_id);
    expect(
      tree.llm_interactions.find(({ purpose }) => purpose === 'council:approach:decision:repair-1')?.prompt_text,
    ).toContain('the dependencies form a circle');
    expect(tree.children).toHaveLength(2);
    expect(ofCouncil().every(({ body }) => JSON.stringify(body).includes('json_schema'))).toBe(true);
  });

  it('asks every member for a view, an answer to the others, and a vote, all with the same beginning', async () => {
    const result = await fixture.execute('Choose a stack. [[subtasks:2]]', strategy('council_driven'));
    const tree = await fixture.tree(result.workflow_id);
    const purposes = tree.llm_interactions.map(({ purpose }) => purpose);
    for (const role of ['engineer', 'strategist', 'dissenter']) {
      expect(purposes).toEqual(
        expect.arrayContaining(['view', '1:reply', '1:vote'].map((question) => `council:approach:${question}:${role}`)),
      );
    }
    const beginnings = ofCouncil().map(({ body }) => {
      const { system, messages } = body as { system: unknown; messages: { content: { text: string }[] }[] };
      const text = (blocks: unknown): string =>
        JSON.stringify(blocks, (key, value: unknown) => (key === 'cache_control' ? undefined : value));
      return text([system, messages[0]?.content[0]]);
    });
    expect(beginnings.length).toBe(10);
    expect(new Set(beginnings).size).toBe(1);
    const replies = tree.llm_interactions.filter(({ purpose }) => purpose.includes(':reply:'));
    for (const { prompt_text: prompt } of replies) {
      for (const role of ['engineer', 'strategist', 'dissenter']) expect(prompt).toContain(`<view role="${role}">`);
    }
    const members = tree.agents.filter(({ agent_class: role }) => role === 'dissenter');
    expect(members).toMatchObject([{ status: 'completed', state: { result: { success: true, turns: 3 } } }]);
    expect(result.metadata.agents.active).toBe(0);
  });

  it('is larger where more is at stake', async () => {
    const answer = await fixture.send({
      input_type: 'user_prompt',
      content: { prompt: 'Move it. [[subtasks:2]]', technical_requirements: ['a complex one'] },
      urgency: 'critical',
      execution_context: strategy('council_driven'),
    });
    const { workflow_id: id } = (await answer.json()) as { workflow_id: string };
    expect(councilOf(await fixture.tree(id)).perspectives.map(({ role }) => role)).toEqual([
      'engineer',
      'strategist',
      'dissenter',
      'analyst',
      'facilitator',
    ]);
  });

  it('carries out what has most votes where no consensus is required, and says so', async () => {
    fixture.model.script(
      vote('engineer', 'engineer'),
      vote('strategist', 'strategist'),
      vote('dissenter', 'dissenter'),
    );
    const result = await fixture.execute('Split. [[subtasks:2]]', strategy('council_driven'));
    expect(result.success).toBe(true);
    expect(result.metadata.warnings.join()).toContain('The council did not agree; what had most votes (33 %)');
    expect(councilOf(await fixture.tree(result.workflow_id))).toMatchObject({ consensus_level: 'none', rounds: 1 });
  });

  it('talks once more where consensus is required, and ends with the disagreement when there is none', async () => {
    fixture.model.script(
      vote('engineer', 'engineer'),
      vote('strategist', 'strategist'),
      vote('dissenter', 'dissenter'),
    );
    const result = await fixture.execute('Split.', strategy('council_driven', consensusRequired));
    expect(result).toMatchObject({ success: false, metadata: { error_code: 'COUNCIL_NO_CONSENSUS' } });
    expect(result.metadata.error).toContain('the dissenter is for dissenter (Because of dissenter.)');
    const tree = await fixture.tree(result.workflow_id);
    expect(tree.children).toEqual([]);
    expect(tree.llm_interactions.filter(({ purpose }) => purpose.includes(':2:vote:'))).toHaveLength(3);
  });

  it('goes on when the second round brings the consensus that is required', async () => {
    fixture.model.script(
      { ...vote('engineer', 'engineer'), times: 1 },
      { ...vote('strategist', 'strategist'), times: 1 },
      { ...vote('dissenter', 'dissenter'), times: 1 },
    );
    const result = await fixture.execute('Agree. [[subtasks:2]]', strategy('council_driven', consensusRequired));
    expect(result).toMatchObject({ success: true });
    expect(councilOf(await fixture.tree(result.workflow_id))).toMatchObject({
      consensus_level: 'unanimous',
      rounds: 2,
    });
  });

  it('goes on without a member that does not answer, and fails without a second one', async () => {
    const away = (role: string) => ({
      match: { system: COUNCIL, prompt: new RegExp(`You are the ${role}`) },
      status: 400,
      errorType: 'invalid_request_error',
    });
    fixture.model.script(away('dissenter'));
    const result = await fixture.execute('Go on. [[subtasks:2]]', strategy('council_driven'));
    expect(result).toMatchObject({ success: true, metadata: { agents: { failed: 1, active: 0 } } });
    fixture.model.script(away('strategist'));
    const alone = await fixture.execute('Go on. [[subtasks:2]]', strategy('council_driven'));
    expect(alone).toMatchObject({ success: false, metadata: { error_code: 'LLM_UPSTREAM', agents: { active: 0 } } });
  });
});

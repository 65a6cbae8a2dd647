import type { Charge, RecordedRequest } from '../support/model-server.js';
import { OrchestratorFixture } from './orchestrator-fixture.js';

/** Longer than what a model keeps at least: 1,024 tokens of four bytes. */
const BRIEF = 'A long brief. '.repeat(600);
const SUBTASK = 'one subtask';

let fixture: OrchestratorFixture;

beforeAll(async () => {
  fixture = await OrchestratorFixture.start();
});
afterAll(() => fixture.close());
beforeEach(() => fixture.model.reset());

const run = (strategy: string, caching: string | undefined, subtasks: string, limits: Record<string, number> = {}) =>
  fixture.execute(`${BRIEF} ${subtasks}`, {
    resource_limits: limits,
    execution_preferences: { strategy, ...(caching !== undefined && { caching_strategy: caching }) },
  });

const isSubtask = ({ system }: RecordedRequest): boolean => system.includes(SUBTASK);

/** What the subtasks wrote to and read from the cache, in the order of their requests. */
const subtaskCharges = (): Charge[] => {
  const ofSubtasks = new Set(fixture.model.requests.filter(isSubtask).map(({ index }) => index));
  return fixture.model.charges
    .filter(({ requestIndex }) => ofSubtasks.has(requestIndex))
    .toSorted((a, b) => a.requestIndex - b.requestIndex);
};

const cacheControls = (requests: readonly RecordedRequest[]): number =>
  JSON.stringify(requests.map(({ body }) => body)).split('"cache_control"').length - 1;

async function expectCostsAsCharged(workflowId: string, costUsd: number): Promise<void> {
  const [sums] = await fixture.database.query<{ cost: string; read: string; written: string }>(
    `SELECT sum(cost_usd) AS cost, sum(cache_read_input_tokens) AS read, sum(cache_creation_input_tokens) AS written
       FROM llm_interactions WHERE workflow_id = $1`,
    [workflowId],
  );
  const charged = fixture.model.totalChargedUsd();
  const usages = fixture.model.charges.map(({ usage }) => usage);
  expect(charged.equals(sums?.cost ?? 0)).toBe(true);
  expect(costUsd).toBe(charged.toNumber());
  expect(Number(sums?.read)).toBe(usages.reduce((sum, { readTokens }) => sum + readTokens, 0));
  expect(Number(sums?.written)).toBe(
    usages.reduce((sum, { write5mTokens, write1hTokens }) => sum + write5mTokens + write1hTokens, 0),
  );
}

it.each([undefined, 'conservative'])('%s: the subtasks of a sequence read what the first wrote', async (caching) => {
  const { workflow_id: id, cost_usd: cost } = await run(
    'sequential_decomposition',
    caching,
    '[[subtasks:4]] [[chain]]',
  );
  const [first, ...others] = subtaskCharges();
  expect(first?.usage).toMatchObject({ readTokens: 0, write1hTokens: 0 });
  expect(first?.usage.write5mTokens).toBeGreaterThan(2000);
  expect(others).toHaveLength(3);
  for (const { usage } of others) {
    expect(usage).toMatchObject({ readTokens: first?.usage.write5mTokens, write5mTokens: 0 });
  }
  expect(cacheControls(fixture.model.requests.filter((request) => !isSubtask(request)))).toBe(0);
  await expectCostsAsCharged(id, cost);
});

it('all agents of a plan begin alike, whatever kinds their subtasks are of', async () => {
  const subtasks = ['code_synthesis', 'creative_writing', 'document_generation'].map((kind, index) => ({
    ...{ id: `s${index}`, title: `Part ${index}`, instructions: 'Do it.', dependencies: [], kind },
  }));
  fixture.model.script({ match: { schema: 'subtasks' }, answer: { subtasks } });
  await run('sequential_decomposition', undefined, '');
  const beginnings = fixture.model.requests.filter(isSubtask).map(({ body }) => {
    const { system, messages } = body as { system: unknown; messages: { content: { text: string }[] }[] };
    return JSON.stringify([system, messages[0]?.content[0]]);
  });
  expect(beginnings).toHaveLength(3);
  expect(new Set(beginnings).size).toBe(1);
  const ends = fixture.model.requests.filter(isSubtask).map(({ prompt }) => prompt.slice(prompt.indexOf('<subtask>')));
  expect(ends[0]).toContain('working code');
  expect(ends[1]).toContain('the finished text');
});

it('disabled: nothing is marked, and everything is paid in full', async () => {
  const { workflow_id: id, cost_usd: cost } = await run('sequential_decomposition', 'disabled', '[[subtasks:4]]');
  expect(cacheControls(fixture.model.requests)).toBe(0);
  for (const { usage } of fixture.model.charges)
    expect(usage).toMatchObject({ readTokens: 0, write5mTokens: 0, write1hTokens: 0 });
  await expectCostsAsCharged(id, cost);
});

it('aggressive: a sequence keeps its beginning for an hour', async () => {
  const { workflow_id: id, cost_usd: cost } = await run('sequential_decomposition', 'aggressive', '[[subtasks:4]]');
  const [first, ...others] = subtaskCharges();
  expect(first?.usage).toMatchObject({ readTokens: 0, write5mTokens: 0 });
  expect(first?.usage.write1hTokens).toBeGreaterThan(2000);
  for (const { usage } of others) expect(usage.readTokens).toBe(first?.usage.write1hTokens);
  await expectCostsAsCharged(id, cost);
});

it.each([20, 1])('of subtasks that start at once, %s at a time, one writes and the others read', async (atOnce) => {
  const { workflow_id: id, cost_usd: cost } = await run(
    'parallel_execution',
    undefined,
    '[[subtasks:4]] [[parallel]]',
    { max_concurrent_agents: atOnce },
  );
  expect(subtaskCharges().filter(({ usage }) => usage.write5mTokens > 0)).toHaveLength(1);
  expect(subtaskCharges().filter(({ usage }) => usage.readTokens > 0)).toHaveLength(3);
  await expectCostsAsCharged(id, cost);
});

it('a direct workflow marks nothing that nobody asks again', async () => {
  await run('direct_execution', undefined, '');
  expect(cacheControls(fixture.model.requests)).toBe(0);
});

it('any other word is refused', async () => {
  const answer = await fixture.send({
    input_type: 'user_prompt',
    content: { prompt: 'Hi' },
    execution_context: { execution_preferences: { caching_strategy: 'some' } },
  });
  expect(answer.status).toBe(400);
  const { errors } = (await answer.json()) as { errors: { field: string }[] };
  expect(errors.map(({ field }) => field)).toEqual(['execution_context.execution_preferences.caching_strategy']);
});

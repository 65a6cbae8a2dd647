import { ToolRegistry } from '../../src/tools/tool-registry.js';
import { OrchestratorFixture, uncached, strategy } from './orchestrator-fixture.js';
import { NotesTool } from './tool-shelf.js';

let fixture: OrchestratorFixture;
const notes = new NotesTool();

beforeAll(async () => {
  fixture = await OrchestratorFixture.start();
  fixture.nyx.app.get(ToolRegistry).register(notes);
});
afterAll(() => fixture.close());
beforeEach(() => {
  fixture.model.reset();
  notes.clear();
});

const write = (name: string) => ({ name: 'notes', input: { operation: 'write', name, content: 'x' } });

describe('a subtask whose agent hits its limit', () => {
  const withTolerance = (tolerance: string) => ({
    execution_preferences: {
      strategy: 'parallel_execution',
      caching_strategy: 'disabled',
      failure_tolerance: tolerance,
    },
    resource_limits: { max_concurrent_agents: 1 },
  });

  it('is no matter for a council: the workflow ends with what there is, and says which limit, what is done and left', async () => {
    const endless = Array.from({ length: 25 }, (_, index) => ({
      match: { prompt: '<subtask>\nPart 2', turn: index + 1 },
      toolUses: [write(`n${index}`)],
    }));
    fixture.model.script(...endless);
    const result = await fixture.execute('[[subtasks:3]] [[chain]]', withTolerance('medium'));
    expect(result).toMatchObject({ success: false, metadata: { error_code: 'AGENT_LIMIT' } });
    expect(result.metadata.error).toMatch(
      /^The agent limit was hit\. 2 of 3 subtasks have no result \(Part 2, Part 3\)\. Done: Part 1\. .*25 turns/,
    );
    expect(result.content).not.toBe('');
    const tree = await fixture.tree(result.workflow_id);
    expect(tree.children.map(({ status }) => status)).toEqual(['completed', 'failed', 'cancelled']);
    const councils = Object.keys(tree.metadata.councils ?? {});
    expect(councils.filter((name) => name.startsWith('failed-'))).toEqual([]);
    expect(tree.children[1]?.agents).toHaveLength(1);
  });

  it('ends the rest where no failure is tolerated, and it is the limit that the workflow names', async () => {
    const endless = Array.from({ length: 25 }, (_, index) => ({
      match: { prompt: '<subtask>\nSecond', turn: index + 1 },
      toolUses: [write(`n${index}`)],
    }));
    const step = (id: string, title: string, dependencies: string[] = []) => ({
      ...{ id, title, instructions: 'Go.', dependencies, kind: 'content_generation' },
    });
    const subtasks = [step('a', 'First'), step('b', 'Second'), step('c', 'Third')];
    fixture.model.script(...endless, { match: { schema: 'subtasks' }, answer: { subtasks } });
    const result = await fixture.execute('Do three things.', withTolerance('low'));
    expect(result).toMatchObject({ success: false, metadata: { error_code: 'AGENT_LIMIT' } });
    const { children } = await fixture.tree(result.workflow_id);
    expect(children.map(({ status }) => status)).toEqual(['completed', 'failed', 'cancelled']);
    expect(children[2]?.metadata).toMatchObject({ code: 'FAILURE_NOT_TOLERATED' });
  });

  it('does not keep a sequence from what does not need it', async () => {
    const endless = Array.from({ length: 25 }, (_, index) => ({
      match: { prompt: '<subtask>\nPart 1', turn: index + 1 },
      toolUses: [write(`n${index}`)],
    }));
    fixture.model.script(...endless);
    const result = await fixture.execute('[[subtasks:2]]', uncached('sequential_decomposition'));
    expect(result).toMatchObject({ success: false, metadata: { error_code: 'AGENT_LIMIT' } });
    expect((await fixture.tree(result.workflow_id)).children.map(({ status }) => status)).toEqual([
      'failed',
      'completed',
    ]);
  });
});

it('an agent’s time is that of its failed tries too: with less than a minute left it does not try again', async () => {
  fixture.model.script(
    { match: { turn: 1 }, toolUses: [write('a')] },
    { match: { turn: 1 }, answer: 'Half', stopReason: 'max_tokens', times: 1 },
    { match: { turn: 2 }, status: 400, errorType: 'invalid_request_error', times: 1 },
  );
  const { workflow_id: id, success } = await fixture.execute('Write it down.', strategy('direct_execution'));
  expect(success).toBe(false);
  expect(fixture.model.requests).toHaveLength(3);
  // As if its first try had taken four minutes and a half.
  const edited = await fixture.database.query(
    `UPDATE durable.operation_outputs SET output = regexp_replace(output, '"workMs":\\d+', '"workMs":270000')
      WHERE workflow_uuid = $1 AND function_name = 'direct' AND output LIKE '%inVain%workMs%' RETURNING 1`,
    [id],
  );
  expect(edited).toHaveLength(1);
  fixture.model.script({ match: { turn: 2 }, answer: 'Half again', stopReason: 'max_tokens' });
  const retry = await fixture.nyx.request('operator', 'POST', `/api/v1/orchestrator/workflows/${id}/retry`);
  expect(retry.status).toBe(202);
  const { result } = await fixture.ended(id);
  expect(result).toMatchObject({ success: false, metadata: { error_code: 'LLM_TRUNCATED' } });
  expect(fixture.model.requests).toHaveLength(4);
});

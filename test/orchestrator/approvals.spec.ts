import { RuntimeSettings } from '../../src/settings/runtime-settings.js';
import { ToolRegistry } from '../../src/tools/tool-registry.js';
import { resultsIn } from '../support/model-server.js';
import { until } from '../support/until.js';
import { OrchestratorFixture } from './orchestrator-fixture.js';
import { CommandTool } from './tool-shelf.js';

let fixture: OrchestratorFixture;
const shell = new CommandTool();

beforeAll(async () => {
  fixture = await OrchestratorFixture.start({ tools: { httpAllowedHosts: ['service.invalid'] } });
  fixture.nyx.app.get(ToolRegistry).register(shell);
});
afterAll(() => fixture.close());
beforeEach(() => {
  fixture.model.reset();
  shell.runs = 0;
});

interface Approval {
  id: string;
  workflow_id: string;
  kind: string;
  status: string;
  tool_name: string | null;
  arguments_hash: string;
  parameters: Record<string, unknown>;
  risk: string | null;
  comment: string | null;
  answered_by: string | null;
}

const command = (text: string) => ({ name: 'notes_command', input: { command: text } });
const DIRECT = { execution_preferences: { strategy: 'direct_execution' } };
const reviewed = { ...DIRECT, quality_settings: { require_human_review: true } };
const approvals = async (id: string): Promise<Approval[]> =>
  (await fixture.get<{ items: Approval[] }>(`/workflows/${id}/approvals`)).items;
const pending = (): Promise<{ items: Approval[]; next_cursor: string | null }> => fixture.get('/approvals?limit=200');

const asked = async (id: string, count = 1): Promise<Approval[]> => {
  await until('people are asked', async () => (await approvals(id)).filter(isPending).length === count);
  return (await approvals(id)).filter(isPending);
};
const isPending = ({ status }: Approval): boolean => status === 'pending';

async function answer(
  workflowId: string,
  id: string | undefined,
  body: object,
  role: 'operator' | 'viewer' = 'operator',
) {
  const path = `/api/v1/orchestrator/workflows/${workflowId}/approvals/${id ?? ''}`;
  const response = await fixture.nyx.request(role, 'POST', path, body);
  return { status: response.status, body: (await response.json()) as Approval & { detail?: string } };
}

/** A model that wants these commands run, and says then what came of them. */
const wants = (...texts: string[]): void =>
  fixture.model.script(
    { match: { turn: 1 }, toolUses: texts.map(command) },
    { match: { turn: 2 }, answer: 'Done with it.' },
  );
const resultsOf = (index: number) => resultsIn((fixture.model.requests[index]?.body as { messages: unknown }).messages);

describe('a call that needs approval', () => {
  it('waits, is run once it is approved, and its agent waits with it', async () => {
    wants('id');
    const id = await fixture.accept('Go.', DIRECT);
    const [approval] = await asked(id);
    expect(approval).toMatchObject({
      workflow_id: id,
      kind: 'tool_call',
      tool_name: 'notes_command',
      parameters: { command: 'id' },
      risk: 'execute',
    });
    expect((await pending()).items.map((each) => each.id)).toContain(approval?.id);
    const [agent] = (await fixture.tree(id)).agents;
    expect(agent?.status).toBe('waiting');
    expect(await fixture.get(`/workflows/${id}/status`)).toMatchObject({ pending_approvals: 1 });
    expect(shell.runs).toBe(0);
    expect((await answer(id, approval?.id, { decision: 'approve' }, 'viewer')).status).toBe(403);
    const approved = await answer(id, approval?.id, { decision: 'approve', comment: 'Once.' });
    expect(approved).toMatchObject({ status: 200, body: { status: 'approved', comment: 'Once.' } });
    expect(approved.body.answered_by).not.toBeNull();
    expect(await fixture.ended(id)).toMatchObject({ success: true });
    expect(shell.runs).toBe(1);
    expect(resultsOf(1).map(({ isError }) => isError)).toEqual([false]);
    const types = await fixture.eventTypes(id);
    expect(types.filter((type) => type.startsWith('approval.'))).toEqual(['approval.requested', 'approval.answered']);
    expect((await pending()).items.map((each) => each.id)).not.toContain(approval?.id);
    const [execution] = await fixture.database.query<{ arguments_hash: string; status: string }>(
      'SELECT arguments_hash, status FROM tool_executions WHERE workflow_id = $1',
      [id],
    );
    expect(execution).toEqual({ arguments_hash: approval?.arguments_hash, status: 'succeeded' });
  });

  it('asks about all calls of a turn at once; each answer is for its call only, and the agent hears why not', async () => {
    wants('first', 'second');
    const id = await fixture.accept('Go.', DIRECT);
    const both = await asked(id, 2);
    const of = (text: string) => both.find(({ parameters }) => parameters.command === text)?.id;
    await answer(id, of('second'), { decision: 'reject', comment: 'Not on this machine.' });
    await answer(id, of('first'), { decision: 'approve' });
    expect(await fixture.ended(id)).toMatchObject({ success: true });
    expect(shell.runs).toBe(1);
    const [first, second] = resultsOf(1);
    expect([first?.isError, second?.isError]).toEqual([false, true]);
    expect(second?.text).toContain('Not on this machine.');
    expect(second?.text).toContain('It stays refused');
  });

  it('is answered once, by its own workflow, in time, and while that runs', async () => {
    wants('id');
    const [one, other] = [await fixture.accept('One.', DIRECT), await fixture.accept('Other.', DIRECT)];
    const [[mine], [theirs]] = [await asked(one), await asked(other)];
    expect((await answer(one, theirs?.id, { decision: 'approve' })).status).toBe(404);
    expect((await answer(one, mine?.id, { decision: 'maybe' })).status).toBe(400);
    const twice = await Promise.all(['approve', 'reject'].map((decision) => answer(one, mine?.id, { decision })));
    expect(twice.map(({ status }) => status).sort()).toEqual([200, 409]);
    await fixture.ended(one);

    const cancelled = await fixture.nyx.request('operator', 'POST', `/api/v1/orchestrator/workflows/${other}/cancel`);
    expect(cancelled.status).toBe(202);
    expect((await answer(other, theirs?.id, { decision: 'approve' })).status).toBe(409);
    expect(await approvals(other)).toMatchObject([{ status: 'expired' }]);
    const told = await fixture.database.query(
      `SELECT type, data - 'progress_percentage' AS data FROM workflow_events WHERE workflow_id = $1 ORDER BY seq DESC LIMIT 2`,
      [other],
    );
    expect(told).toEqual([
      { type: 'workflow.cancelled', data: { status: 'cancelled' } },
      { type: 'approval.answered', data: { approval_id: theirs?.id, kind: 'tool_call', status: 'expired' } },
    ]);
    const runs = twice[0]?.status === 200 ? 1 : 0;
    expect(shell.runs).toBe(runs);
  });

  it('is refused when nobody answers in time, and nobody can afterwards', async () => {
    wants('id');
    const id = await fixture.accept('Go.', DIRECT);
    const [approval] = await asked(id);
    const before = await fixture.database.query<{ left: number }>(
      'SELECT extract(epoch FROM deadline_at - created_at)::int AS left FROM approvals WHERE id = $1',
      [approval?.id],
    );
    expect(before[0]?.left).toBe(fixture.nyx.app.get(RuntimeSettings).approvalTimeoutMinutes * 60);
    await fixture.database.query('UPDATE approvals SET deadline_at = now() WHERE id = $1', [approval?.id]);
    const late = await answer(id, approval?.id, { decision: 'approve' });
    expect(late.status).toBe(409);
    expect(await fixture.ended(id)).toMatchObject({ success: true });
    expect(shell.runs).toBe(0);
    expect(resultsOf(1)[0]?.text).toContain('Nobody approved this call');
    expect(await approvals(id)).toMatchObject([{ status: 'expired', answered_by: null }]);
  });

  it('shows exactly what would be run, also what the model gave a name that sounds secret', async () => {
    fixture.model.script(
      { match: { turn: 1 }, toolUses: [{ name: 'http_request', input: HIDING_REQUEST }] },
      { match: { turn: 2 }, answer: 'Not sent.' },
    );
    const id = await fixture.accept('Go.', DIRECT);
    const [approval] = await asked(id);
    expect(approval?.parameters).toEqual(HIDING_REQUEST);
    await answer(id, approval?.id, { decision: 'reject' });
    await fixture.ended(id);
    const [execution] = await fixture.database.query<{ arguments_hash: string; input_parameters: object }>(
      'SELECT arguments_hash, input_parameters FROM tool_executions WHERE workflow_id = $1',
      [id],
    );
    expect(execution?.arguments_hash).toBe(approval?.arguments_hash);
    expect(JSON.stringify(execution?.input_parameters)).not.toContain('the file');
  });
});

const HIDING_REQUEST = {
  url: 'https://service.invalid/',
  method: 'GET',
  headers: [{ name: 'Authorization', value: 'the file, word for word' }],
};

describe('require_human_review', () => {
  const withTool = { ...reviewed, execution_preferences: { strategy: 'direct_execution', tools: ['notes_command'] } };

  it('has risky calls asked about although their tool was named, and the result seen', async () => {
    wants('id');
    const id = await fixture.accept('Go.', withTool);
    const [call] = await asked(id);
    expect(call?.kind).toBe('tool_call');
    await answer(id, call?.id, { decision: 'approve' });
    await until('the result waits', async () => (await approvals(id)).some(({ kind }) => kind === 'human_review'));
    const [review] = await asked(id);
    expect(review).toMatchObject({ kind: 'human_review', parameters: { content: 'Done with it.' } });
    await answer(id, review?.id, { decision: 'approve' });
    expect(await fixture.ended(id)).toMatchObject({ success: true, result: { content: 'Done with it.' } });
    expect(shell.runs).toBe(1);
  });

  it('ends without success when the result is rejected, keeps it, and stays so', async () => {
    fixture.model.script({ answer: 'A poor result.' });
    const id = await fixture.accept('Go.', reviewed);
    const [review] = await asked(id);
    await answer(id, review?.id, { decision: 'reject', comment: 'Too short.' });
    const { success, result } = await fixture.ended(id);
    expect(success).toBe(false);
    expect(result).toMatchObject({ content: 'A poor result.', metadata: { error_code: 'REVIEW_REJECTED' } });
    expect(result.metadata.error).toContain('Too short.');
    const retry = await fixture.nyx.request('operator', 'POST', `/api/v1/orchestrator/workflows/${id}/retry`);
    expect(retry.status).toBe(409);
  });

  it('asks again after a retry when nobody had seen the result in time, and pays for nothing twice', async () => {
    fixture.model.script({ answer: 'A good result.' });
    const id = await fixture.accept('Go.', reviewed);
    const [unseen] = await asked(id);
    await fixture.database.query('UPDATE approvals SET deadline_at = now() WHERE id = $1', [unseen?.id]);
    expect(await fixture.ended(id)).toMatchObject({ success: false });
    const retry = await fixture.nyx.request('operator', 'POST', `/api/v1/orchestrator/workflows/${id}/retry`);
    expect(retry.status).toBe(202);
    const [review] = await asked(id);
    expect(review?.id).not.toBe(unseen?.id);
    await answer(id, review?.id, { decision: 'approve' });
    expect(await fixture.ended(id)).toMatchObject({ success: true, result: { content: 'A good result.' } });
    expect(fixture.model.requests).toHaveLength(1);
  });
});

it('a workflow that does not exist has no approvals', async () => {
  const path = '/api/v1/orchestrator/workflows/019ab0c4-5d6e-7f80-9123-456789abcdef/approvals';
  expect((await fixture.nyx.request('viewer', 'GET', path)).status).toBe(404);
});

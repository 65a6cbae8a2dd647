import { EgressFailed, EgressRefused } from '../../src/egress/egress.types.js';
import { Database } from '../../src/database/database.service.js';
import { Problem } from '../../src/http/problem.js';
import { newId } from '../../src/database/ids.js';
import { ToolRefusal } from '../../src/tools/tool.js';
import { ToolRunner } from '../../src/tools/tool-runner.js';
import { WorkspaceError } from '../../src/tools/workspace/workspace-error.js';
import { until } from '../support/until.js';
import { done, untilStopped } from './test-tools.js';
import { ToolsRoom } from './tools-room.js';

const SCHEMA = {
  type: 'object',
  properties: { path: { type: 'string', minLength: 1 }, lines: { type: 'integer', minimum: 1 } },
  required: ['path'],
  additionalProperties: false,
} as const;

let room: ToolsRoom;
beforeAll(async () => {
  room = await ToolsRoom.start({ tools: { ratePerMinute: 1000 } });
  room.add('echo', (parameters) => ({ success: true, output: parameters, stdout: 'said', exitCode: 0 }), {
    schema: SCHEMA,
  });
});
afterAll(() => room.close());

describe('POST /tools/execute', () => {
  it('runs a tool and answers what came of it; the row says the same', async () => {
    const { status, body } = await room.execute('echo', { path: 'a' });
    expect(status).toBe(200);
    expect(body).toEqual({
      success: true,
      output: { path: 'a' },
      error_message: null,
      execution_time_ms: expect.any(Number) as number,
      metadata: { exit_code: 0 },
      stdout: 'said',
      stderr: null,
      execution_id: expect.any(String) as string,
    });
    const row = await room.nyx.request('viewer', 'GET', `/api/v1/tools/executions/${body.execution_id}`);
    expect(await row.json()).toMatchObject({
      id: body.execution_id,
      tool_name: 'echo',
      tool_class: 'TestTool',
      status: 'succeeded',
      success: true,
      input_parameters: { path: 'a' },
      output_result: { path: 'a' },
      stdout: 'said',
      exit_code: 0,
      retry_count: 0,
      workflow_id: null,
      arguments_hash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
  });

  it('says when to come again where too much is under way, which is no run', async () => {
    room.add('busy', () => {
      throw new Problem('OVERLOADED', 'Too many.', { retryAfterSeconds: 5 });
    });
    const answer = await room.nyx.request('operator', 'POST', '/api/v1/tools/execute', {
      tool_name: 'busy',
      parameters: {},
    });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await answer.json()).toMatchObject({ error_code: 'OVERLOADED', rule: 'overloaded' });
    expect(await room.rows('busy')).toMatchObject([{ status: 'refused', rule: 'overloaded' }]);
  });

  it('takes the name in the query and the body as parameters', async () => {
    const answer = await room.nyx.request('operator', 'POST', '/api/v1/tools/execute?tool_name=echo', {
      path: 'tool_name',
    });
    expect(await answer.json()).toMatchObject({ success: true, output: { path: 'tool_name' } });
    const half = await room.nyx.request('operator', 'POST', `/api/v1/tools/execute?agent_id=${newId()}`, {
      tool_name: 'echo',
      parameters: { path: 'a' },
    });
    expect(half.status).toBe(400);
  });

  it('names every wrong parameter and writes nothing, nor for a tool that is none', async () => {
    const { length: before } = await room.rows('echo');
    const wrong = await room.execute('echo', { lines: 0, more: 1 });
    expect(wrong.status).toBe(400);
    expect(wrong.body).toMatchObject({ error_code: 'VALIDATION_ERROR' });
    expect(wrong.body.errors).toEqual([
      { field: 'path', message: 'is required' },
      { field: 'more', message: 'is no parameter of this tool' },
      { field: 'lines', message: 'must be >= 1' },
    ]);
    expect(await room.execute('echo', { path: 1 })).toMatchObject({ status: 400 });
    const none = await room.execute('toString');
    expect(none).toMatchObject({ status: 400, body: { error_code: 'UNKNOWN_TOOL' } });
    expect(await room.rows('echo')).toHaveLength(before);
    expect(await room.rows('toString')).toEqual([]);
  });

  it('belongs to agents and thoughts that exist', async () => {
    const { agentId, thoughtId } = await room.agent();
    const ask = (ids: object) =>
      room.nyx.request('operator', 'POST', '/api/v1/tools/execute', {
        tool_name: 'echo',
        parameters: { path: 'a' },
        ...ids,
      });
    expect((await ask({ agent_id: agentId, thought_tree_id: thoughtId })).status).toBe(200);
    expect(await (await ask({ agent_id: newId() })).json()).toMatchObject({ errors: [{ field: 'agent_id' }] });
    expect(await (await ask({ thought_tree_id: newId() })).json()).toMatchObject({
      errors: [{ field: 'thought_tree_id' }],
    });
    const list = await room.nyx.request(
      'viewer',
      'GET',
      `/api/v1/tools/executions?agent_id=${agentId}&status=succeeded`,
    );
    expect(await list.json()).toMatchObject({
      items: [{ agent_id: agentId, thought_tree_id: thoughtId }],
      next_cursor: null,
    });
    const tree = await room.nyx.request('viewer', 'GET', `/api/v1/orchestrator/workflows/${thoughtId}/tree`);
    expect(await tree.json()).toMatchObject({
      tree: {
        tool_executions: [{ tool_name: 'echo', status: 'succeeded', rule: null, input_parameters: { path: 'a' } }],
      },
    });
  });

  it.each([
    ['a refusal', new ToolRefusal('too_dangerous', 'No.'), 403, 'too_dangerous', 'refused'],
    [
      'a path out of the workspace',
      new WorkspaceError('outside_workspace', 'No.'),
      403,
      'outside_workspace',
      'refused',
    ],
    ['an address that may not be', new EgressRefused('private_address', 'No.'), 403, 'private_address', 'refused'],
    ['no such file', new WorkspaceError('not_found', 'There is no a.'), 200, null, 'failed'],
    ['no answer', new EgressFailed('It did not answer.'), 200, null, 'failed'],
  ])('tells %s', async (what, error, status, rule, rowStatus) => {
    const name = `throws ${what}`.replaceAll(' ', '_');
    room.add(name, () => Promise.reject(error));
    const answer = await room.execute(name);
    expect(answer.status).toBe(status);
    const [row] = await room.rows(name);
    expect(row).toMatchObject({ status: rowStatus, rule, success: false, error_message: error.message });
    if (status === 403) {
      expect(answer.body).toMatchObject({
        error_code: 'TOOL_REFUSED',
        rule,
        execution_id: row?.id,
        detail: error.message,
      });
    } else {
      expect(answer.body).toMatchObject({ success: false, error_message: error.message, execution_id: row?.id });
    }
  });

  it('tells nothing of what nobody foresaw', async () => {
    room.add('breaks', () => {
      throw new Error('password=hunter2 at /home/somebody');
    });
    const { status, body } = await room.execute('breaks');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      success: false,
      error_message: 'The tool failed for a reason that it did not foresee.',
    });
    expect(JSON.stringify([body, await room.rows('breaks')])).not.toContain('hunter2');
  });

  it('ends a tool at its time, also one that ignores its signal and rejects later', async () => {
    room.add('slow', untilStopped, { timeoutMs: 20 });
    const slow = await room.execute('slow');
    expect(slow.body).toMatchObject({ success: false, metadata: { timed_out: true, timeout_ms: 20 } });
    expect(slow.body.metadata).not.toHaveProperty('still_running');
    let fail: () => void = () => undefined;
    room.add('deaf', () => new Promise((_resolve, reject) => (fail = () => reject(new Error('late')))), {
      timeoutMs: 20,
    });
    const deaf = await room.execute('deaf');
    expect(deaf.body).toMatchObject({ success: false, metadata: { timed_out: true, still_running: true } });
    fail();
    expect(await room.rows('deaf')).toMatchObject([{ status: 'failed' }]);
  });

  it('gives a tool without a time of its own the configured one, which admins change', async () => {
    room.add('timed', (_parameters, { timeoutMs }) => ({ success: true, output: timeoutMs }));
    expect((await room.execute('timed')).body.output).toBe(30_000);
    const path = '/api/v1/system/config/tool_timeout_seconds';
    expect((await room.nyx.request('admin', 'PUT', path, { config_value: 7 })).status).toBe(200);
    expect((await room.execute('timed')).body.output).toBe(7_000);
    expect((await room.nyx.request('admin', 'DELETE', path)).ok).toBe(true);
  });

  it('keeps 1 MiB of each output and counts the rest', async () => {
    const large = 'é'.repeat(800_000);
    room.add('large', () => ({ success: true, output: { large }, stdout: large, stderr: 'a\0b' }));
    const { body } = await room.execute('large');
    expect(Buffer.byteLength(body.output as string)).toBeLessThanOrEqual(1024 * 1024);
    expect(body.stdout).toBe('é'.repeat(524_288));
    expect(body.stderr).toBe('a\uFFFDb');
    expect(body.metadata).toEqual({
      output_truncated: true,
      output_as_text: true,
      output_total_bytes: 1_600_012,
      stdout_truncated: true,
      stdout_total_bytes: 1_600_000,
      stderr_binary: true,
    });
  });

  it('stops the tool when the client goes away', async () => {
    let stopped = false;
    const tool = room.add('endless', (parameters, context) => {
      context.signal.addEventListener('abort', () => (stopped = true), { once: true });
      return untilStopped(parameters, context);
    });
    const client = new AbortController();
    const request = fetch(`${room.nyx.url}/api/v1/tools/execute`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${await room.nyx.token('operator')}` },
      body: JSON.stringify({ tool_name: 'endless', parameters: {} }),
      signal: client.signal,
    }).catch(() => undefined);
    await until('the tool runs', () => tool.runs === 1);
    expect(await room.rows('endless')).toMatchObject([{ status: 'running', completed_at: null }]);
    client.abort();
    await request;
    await until('the run has ended', async () => (await room.rows('endless'))[0]?.status === 'failed');
    expect(stopped).toBe(true);
    expect(await room.rows('endless')).toMatchObject([{ metadata: { aborted: true }, success: false }]);
  });

  it('answers 503 for a tool that cannot be used, with what to do', async () => {
    const availability = { available: false, reason: 'Install it.' };
    room.add('needs_sandbox', () => done, { risk: 'execute', availability });
    room.add('needs_server', () => done, { risk: 'read', availability });
    const sandbox = await room.execute('needs_sandbox');
    const server = await room.execute('needs_server');
    expect(server).toMatchObject({ status: 503, body: { error_code: 'TOOL_UNAVAILABLE' } });
    expect(sandbox.status).toBe(503);
    expect(sandbox.body.detail).toContain('Install it.');
    expect([...(await room.rows('needs_sandbox')), ...(await room.rows('needs_server'))]).toEqual([]);
  });

  it('acts once for one key, whoever comes again and when', async () => {
    const tool = room.add('once', () => ({ success: true, output: newId() }));
    const key = { 'idempotency-key': 'one' };
    const [first, second] = await Promise.all([room.execute('once', {}, key), room.execute('once', {}, key)]);
    expect(second.body).toEqual(first.body);
    expect(tool.runs).toBe(1);
    // As after a crash before the answer was kept: the key is taken over, and finds its run.
    await room.database.query(
      `UPDATE idempotency_keys SET response_status = NULL, completed_at = NULL, claimed_at = now() - interval '1 minute' WHERE key = 'one'`,
    );
    expect((await room.execute('once', {}, key)).body).toEqual(first.body);
    await room.database.query(
      `UPDATE idempotency_keys SET response_status = NULL, completed_at = NULL, claimed_at = now() - interval '1 minute' WHERE key = 'one'`,
    );
    await room.database.query(
      `UPDATE tool_executions SET status = 'running', completed_at = NULL, is_reported = false WHERE tool_name = 'once'`,
    );
    const unknown = await room.execute('once', {}, key);
    expect(unknown).toMatchObject({ status: 200, body: { success: false, execution_id: first.body.execution_id } });
    expect(unknown.body.error_message).toContain('nobody knows');
    expect(tool.runs).toBe(1);
    expect(await room.rows('once')).toMatchObject([{ status: 'unknown', is_reported: true }]);
  });

  it('does not hold a refusal against the key it came with', async () => {
    let allowed = false;
    room.add('moody', () => (allowed ? done : Promise.reject(new ToolRefusal('mood', 'Not now.'))), { risk: 'read' });
    const key = { 'idempotency-key': 'moody' };
    expect((await room.execute('moody', {}, key)).status).toBe(403);
    allowed = true;
    expect((await room.execute('moody', {}, key)).status).toBe(200);
  });
});

it('does not take a run back that another process took over', async () => {
  const takenOver = async (_: unknown, { executionId }: { executionId: string }) => {
    if (tool.runs < 4) {
      await room.nyx.app
        .get(Database)
        .query('UPDATE tool_executions SET claim_id = gen_random_uuid() WHERE id = $1', [executionId]);
    }
    return done;
  };
  const tool = room.add('taken_over', takenOver, { isRepeatable: true });
  const { status, body } = await room.execute(tool.name, {}, { 'Idempotency-Key': newId() });
  expect([status, body.success, tool.runs]).toEqual([200, false, 1]);
  expect(body.error_message).toContain('nobody knows');
  expect(await room.rows(tool.name)).toMatchObject([{ status: 'running' }]);
});

it('runs nothing for a viewer', async () => {
  const tool = room.add('forbidden', () => done);
  const answer = await room.nyx.request('viewer', 'POST', '/api/v1/tools/execute', {
    tool_name: 'forbidden',
    parameters: {},
  });
  expect(answer.status).toBe(403);
  const direct = room.run({ kind: 'person', principalId: 'v', role: 'viewer' }, 'forbidden');
  await expect(direct).rejects.toMatchObject({ code: 'TOOL_REFUSED', options: { extensions: { rule: 'role' } } });
  expect(await room.rows('forbidden')).toMatchObject([{ status: 'refused', rule: 'role', principal_id: 'v' }]);
  expect(tool.runs).toBe(0);
});

it('lets runs of people end before NYX stops', async () => {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const tool = room.add('stopping', () => ended.then(() => done));
  const answer = room.execute('stopping');
  await until('the tool runs', () => tool.runs === 1);
  const stopping = room.nyx.app.get(ToolRunner).beforeApplicationShutdown();
  end();
  await stopping;
  expect(await room.rows('stopping')).toMatchObject([{ status: 'succeeded' }]);
  expect((await answer).body).toMatchObject({ success: true });
});

import type { HttpMcpServer } from '../../src/config/mcp-server.js';
import type { AvailableToolDto } from '../../src/tools/dto/available-tools.dto.js';
import { until } from '../support/until.js';
import { McpHttpServer } from './mcp/http-server.js';
import { ToolsRoom } from './tools-room.js';

const SECRET = 'tok_4711_nobodyShouldSee';

let server: McpHttpServer;
let room: ToolsRoom;

beforeAll(async () => {
  server = await McpHttpServer.start();
  const docs: HttpMcpServer = {
    kind: 'http',
    name: 'docs',
    url: server.url,
    headers: { authorization: SECRET },
    risk: 'network',
    risks: { echo: 'read' },
    timeoutSeconds: undefined,
    secrets: [SECRET],
  };
  const late: HttpMcpServer = { ...docs, name: 'late', url: 'http://127.0.0.1:1/mcp' };
  room = await ToolsRoom.start({ tools: { mcpServers: [docs, late], privateRanges: ['127.0.0.1/32'] } });
  await until('its tools are there', async () => (await listed('docs.echo'))?.available === true);
});
afterAll(async () => {
  await room.close();
  await server.stop();
});

async function listed(name: string): Promise<AvailableToolDto | undefined> {
  const answer = await room.nyx.request('viewer', 'GET', '/api/v1/tools/available');
  const { tools } = (await answer.json()) as { tools: AvailableToolDto[] };
  return tools.find((tool) => tool.name === name);
}

describe('the tools of a server that has not said yet which they are', () => {
  it('are away, not unknown: for people, agents, and workflows that are given them', async () => {
    const { status, body } = await room.execute('late.anything', { text: 'a' });
    expect([status, body.error_code]).toEqual([503, 'TOOL_UNAVAILABLE']);
    expect(body.detail).toContain('The MCP server late is');
    expect(await room.run(await room.agent(), 'late.anything')).toMatchObject({
      status: 'refused',
      rule: 'tool_unavailable',
    });
    const accept = (tool: string): Promise<Response> =>
      room.nyx.request('operator', 'POST', '/api/v1/orchestrator/workflows/execute', {
        input_type: 'user_prompt',
        content: { prompt: 'Hello.' },
        execution_context: { execution_preferences: { tools: [tool] } },
      });
    expect((await accept('late.anything')).status).toBe(200);
    expect((await accept('never.anything')).status).toBe(400);
    expect(await room.execute('never.anything')).toMatchObject({ status: 400, body: { error_code: 'UNKNOWN_TOOL' } });
  });
});

describe('the tools of an MCP server', () => {
  it('are tools like any other to a person: listed, checked, run, on record', async () => {
    expect(await listed('docs.echo')).toMatchObject({ risk: 'read', parameters_schema: { required: ['text'] } });
    const { status, body } = await room.execute('docs.echo', { text: 'Hello' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ success: true, output: { content: [{ type: 'text', text: 'Hello' }] } });
    const row = await room.nyx.request('viewer', 'GET', `/api/v1/tools/executions/${body.execution_id}`);
    expect(await row.json()).toMatchObject({ tool_name: 'docs.echo', tool_class: 'McpTool', status: 'succeeded' });
    expect(await room.execute('docs.echo', { text: 5 })).toMatchObject({
      status: 400,
      body: { error_code: 'VALIDATION_ERROR', errors: [{ field: 'text', message: 'must be string' }] },
    });
    expect(await room.execute('docs.fail')).toMatchObject({ status: 200, body: { success: false } });
    expect((await room.nyx.request('viewer', 'POST', '/api/v1/tools/execute', { tool_name: 'docs.echo' })).status).toBe(
      403,
    );
  });

  it('are under the same policy for an agent: reading as the deployment has it, the rest only when it is allowed', async () => {
    const agent = await room.agent();
    const allowed = await room.agent({ tools: ['docs.who'] });
    const before = server.calls.length;
    expect(await room.run(agent, 'docs.echo', { parameters: { text: 'a' } })).toMatchObject({ status: 'succeeded' });
    expect(await room.run(agent, 'docs.who')).toMatchObject({ status: 'refused' });
    expect(await room.run(allowed, 'docs.who')).toMatchObject({ status: 'succeeded' });
    expect(server.calls.slice(before)).toEqual(['echo', 'who']);
  });

  it('keep the secret of the deployment out of answers and rows', async () => {
    const { body } = await room.execute('docs.who');
    expect(JSON.stringify(body)).toContain('You sent [secret].');
    const rows = await room.database.query<{ row: string }>(
      'SELECT row_to_json(t)::text AS row FROM tool_executions t',
    );
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.filter(({ row }) => row.includes(SECRET))).toEqual([]);
  });

  it('cannot be used while it is away, and nothing else is worse for it', async () => {
    await server.stop();
    await until('it is away', async () => (await listed('docs.echo'))?.available === false);
    const { status, body } = await room.execute('docs.echo', { text: 'a' });
    expect([status, body.error_code]).toEqual([503, 'TOOL_UNAVAILABLE']);
    expect(body.detail).toContain('The MCP server docs is not connected');
    expect((await room.nyx.request(undefined, 'GET', '/readyz')).status).toBe(200);
    await server.listen();
    await until('it is back', async () => (await listed('docs.echo'))?.available === true);
    expect(await room.execute('docs.echo', { text: 'a' })).toMatchObject({ status: 200, body: { success: true } });
  });
});

import { readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { until } from '../support/until.js';
import { McpRoom } from './mcp/mcp-room.js';
import { putEvilServer, putServer } from './mcp/stdio-programs.js';
import { describeWithSandbox, sandboxedProcesses } from './sandbox-room.js';

const TOKEN = 'tok_4711_nobodyShouldSee';

const server = { command: 'node', args: ['server.mjs'], env: { SERVER_TOKEN: TOKEN, PLAIN: 'plain text' } };
const evil = (how: string) => ({ command: 'node', args: ['evil.mjs', how] });

let room: McpRoom;

const textOf = async (name: string, parameters: Readonly<Record<string, unknown>> = {}): Promise<string> => {
  const { output } = await room.call(name, parameters);
  return (output as { content: { text: string }[] }).content[0]?.text ?? '';
};

describeWithSandbox('an MCP server on its standard streams', () => {
  let listener: Server;
  let connections = 0;

  beforeAll(async () => {
    listener = createServer(() => (connections += 1));
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    room = await McpRoom.open({ local: server }, { prepare: putServer });
    await room.untilAvailable('local.add');
  });
  afterAll(async () => {
    const { folder } = room;
    await room.close();
    // Nothing of it survives NYX.
    expect(await sandboxedProcesses(folder)).toEqual([]);
    await new Promise((resolve) => listener.close(resolve));
  });

  it('offers its tools, with the risk of running programs', async () => {
    expect(room.tool('local.add').risk).toBe('execute');
    expect(room.tool('local.add').check({ a: 1 })).toEqual([{ field: 'b', message: 'is required' }]);
    expect(await textOf('local.add', { a: 2, b: 3 })).toBe('5');
  });

  it('runs in the sandbox: it writes in the workspace and nowhere else', async () => {
    expect(await textOf('local.write', { path: '/workspace/written.txt' })).toBe('written');
    expect(await readFile(join(room.workspace, 'written.txt'), 'utf8')).toBe('written');
    expect(await textOf('local.write', { path: '/usr/written.txt' })).toMatch(/EROFS|EACCES|EPERM/);
    expect(await textOf('local.read', { path: join(room.folder, 'mcp.json') })).toBe('ENOENT');
  });

  it('reaches nothing on the network', async () => {
    const { port } = listener.address() as AddressInfo;
    expect(await textOf('local.connect', { port })).toBe('ECONNREFUSED');
    expect(connections).toBe(0);
  });

  it('has the environment of its configuration and nothing of ours, and its secret comes back from nowhere', async () => {
    process.env.NYX_TEST_OWN = 'ours';
    const environment = await textOf('local.environment');
    expect(environment).toContain('plain text');
    expect(environment).toContain('"SERVER_TOKEN":"[secret]"');
    expect(environment).not.toContain('ours');
    expect(environment).not.toContain(TOKEN);
  });

  it('says that it has more tools', async () => {
    await room.call('local.grow');
    await room.untilAvailable('local.grown');
    expect(await textOf('local.grown')).toBe('here');
  });

  it('that dies in a call fails it, and is there again', async () => {
    expect(await room.call('local.die')).toMatchObject({
      success: false,
      errorMessage: 'The MCP server local was lost during the call: whether it acted is not known.',
    });
    const reason = room.tool('local.add').availability().reason ?? '';
    expect(reason).toMatch(/is not connected: it ended with 3 after writing: A line beside the work, with \[secret\]/);
    await room.untilAvailable('local.add');
    expect(await textOf('local.add', { a: 2, b: 3 })).toBe('5');
  });

  it('that dies at each start is unavailable until it does not', async () => {
    await writeFile(join(room.workspace, 'die-at-once'), '');
    await room.call('local.die');
    await until('it died at once', () => /with 4/.test(room.tool('local.add').availability().reason ?? ''));
    await rm(join(room.workspace, 'die-at-once'));
    await room.untilAvailable('local.add');
  });
});

describeWithSandbox('an MCP server on its standard streams that means harm', () => {
  beforeAll(async () => {
    const hows = ['line', 'messages', 'stderr', 'unasked', 'garbage', 'deaf'];
    const servers = Object.fromEntries(hows.map((how) => [how, evil(how)]));
    room = await McpRoom.open({ ...servers, nothing: { command: 'no-such-program' } }, { prepare: putEvilServer });
  });
  afterAll(async () => {
    const { folder } = room;
    await room.close();
    expect(await sandboxedProcesses(folder)).toEqual([]);
  });

  it.each([
    ['line', /it sent a message of more than 4194304 bytes/],
    ['messages', /it sends too many messages/],
  ])('is left when it floods (%s)', async (how, reason) => {
    await room.untilAvailable(`${how}.act`);
    expect(await room.call(`${how}.act`)).toMatchObject({ success: false });
    expect(room.tool(`${how}.act`).availability().reason).toMatch(reason);
  });

  it.each(['stderr', 'unasked', 'garbage'])('is not worth more than a line of the log (%s)', async (how) => {
    await room.untilAvailable(`${how}.act`);
    expect(await room.call(`${how}.act`)).toEqual({ success: true, output: { content: [] } });
    expect(await room.call(`${how}.act`)).toMatchObject({ success: true });
  });

  it('is unavailable when it never answers, or is no program', async () => {
    expect(room.tool('deaf.*').availability().available).toBe(false);
    await until('it is no program', () => /ended with 127/.test(room.tool('nothing.*').availability().reason ?? ''));
  });
});

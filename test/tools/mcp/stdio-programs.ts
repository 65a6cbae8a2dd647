import { cp, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** What the server side of the SDK needs; the sandbox sees the workspace and the system, nothing of ours. */
const PACKAGES = [
  '@modelcontextprotocol/sdk',
  'ajv',
  'ajv-formats',
  'fast-deep-equal',
  'fast-uri',
  'json-schema-traverse',
  'require-from-string',
  'zod',
  'zod-to-json-schema',
];
const IS_NEEDED = (path: string): boolean => !/\.(map|ts|cts|mts)$|\/(cjs|src|examples|test)$/.test(path);

/** A server made of the SDK. */
const SERVER = `
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { z } from 'zod';

console.error('A line beside the work, with ' + process.env.SERVER_TOKEN);
const server = new McpServer({ name: 'stdio', version: '1.0.0' });
const text = (said) => ({ content: [{ type: 'text', text: String(said) }] });
server.registerTool('add', { inputSchema: { a: z.number(), b: z.number() } }, ({ a, b }) => text(a + b));
server.registerTool('write', { inputSchema: { path: z.string() } }, ({ path }) => {
  try { writeFileSync(path, 'written'); return text('written'); } catch (error) { return text(error.code); }
});
server.registerTool('read', { inputSchema: { path: z.string() } }, ({ path }) => {
  try { return text(readFileSync(path, 'utf8')); } catch (error) { return text(error.code); }
});
server.registerTool('environment', {}, () => text(JSON.stringify(process.env)));
server.registerTool('connect', { inputSchema: { port: z.number() } }, ({ port }) => new Promise((resolve) => {
  const socket = connect(port, '127.0.0.1', () => resolve(text('connected')));
  socket.on('error', (error) => resolve(text(error.code)));
}));
server.registerTool('die', {}, () => process.exit(3));
server.registerTool('grow', {}, () => { server.registerTool('grown', {}, () => text('here')); return text('done'); });
if (existsSync('die-at-once')) process.exit(4);
await server.connect(new StdioServerTransport());
`;

/** A server of a few lines that does harm in the way its argument says. */
const EVIL = `
const [how] = process.argv.slice(2);
const say = (message) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\\n');
const pour = (text) => { while (process.stdout.write(text)); process.stdout.once('drain', () => pour(text)); };
process.on('SIGTERM', () => undefined);
setInterval(() => undefined, 1000);
let rest = '';
if (how !== 'deaf') process.stdin.on('data', (chunk) => {
  const lines = (rest + chunk).split('\\n');
  rest = lines.pop();
  for (const line of lines) answer(JSON.parse(line));
});
function answer({ id, method }) {
  if (method === 'initialize') {
    if (how === 'garbage') process.stdout.write('Starting up...\\n\\u0000\\n{"half":\\n[]\\n');
    const serverInfo = { name: 'evil', version: '1' };
    say({ id, result: { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo } });
  } else if (method === 'tools/list') say({ id, result: { tools: [{ name: 'act', inputSchema: { type: 'object' } }] } });
  else if (method === 'tools/call') {
    if (how === 'line') pour('x'.repeat(65536));
    else if (how === 'messages') pour(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message' }) + '\\n');
    else if (how === 'stderr') { for (let at = 0; at < 20000; at += 1) process.stderr.write('x'.repeat(1000)); say({ id, result: { content: [] } }); }
    else if (how === 'unasked') { say({ id: 99, result: {} }); say({ id, result: { content: [] } }); say({ id, result: { content: [] } }); }
    else say({ id, result: { content: [] } });
  }
}
`;

/** Puts `server.mjs` into a workspace. */
export async function putServer(workspace: string): Promise<void> {
  const modules = join(import.meta.dirname, '../../../node_modules');
  for (const name of PACKAGES) {
    const target = join(workspace, 'node_modules', name);
    await mkdir(dirname(target), { recursive: true });
    await cp(join(modules, name), target, {
      recursive: true,
      filter: (path) => IS_NEEDED(path.slice(modules.length)),
    });
  }
  await writeFile(join(workspace, 'server.mjs'), SERVER);
}

/** Puts `evil.mjs` into a workspace. */
export const putEvilServer = (workspace: string): Promise<void> => writeFile(join(workspace, 'evil.mjs'), EVIL);

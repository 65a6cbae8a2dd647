import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createTestDatabase } from '../support/database.js';
import { DatabaseRelay } from '../support/database-relay.js';
import { cleanUpProcesses, startNyxProcess } from '../support/process.js';
import { until } from '../support/until.js';

afterAll(cleanUpProcesses);

const dockerfile = readFileSync('Dockerfile', 'utf8').replaceAll('\\\n', '');
const [, variables = ''] = /^ENV (.*)$/m.exec(dockerfile) ?? [];
const image = Object.fromEntries(variables.split(' ').map((pair) => pair.split('=') as [string, string]));
const [, command = ''] = /^HEALTHCHECK .*? CMD (\[.*\])$/m.exec(dockerfile) ?? [];

/** As Docker does: without a shell, in the environment of the container. */
async function exitCodeAt(port: string): Promise<unknown> {
  const [program = '', ...args] = JSON.parse(command) as string[];
  const env = { PATH: process.env.PATH, ...image, PORT: port };
  const [code] = (await once(spawn(program, args, { env, stdio: 'inherit' }), 'close')) as unknown[];
  return code;
}

it('the health check of the image tells a NYX that is ready from one without its database, and from none', async () => {
  const database = await createTestDatabase();
  const relay = await DatabaseRelay.before(database.url);
  try {
    const nyx = await startNyxProcess({ env: { HOST: image.HOST ?? '', DATABASE_URL: relay.url } });
    const { port } = new URL(nyx.url);
    expect(await exitCodeAt(port)).toBe(0);
    relay.cut();
    await until('it is not ready', async () => (await fetch(`${nyx.url}/readyz`)).status === 503);
    expect((await fetch(`${nyx.url}/livez`)).status).toBe(200);
    expect(await exitCodeAt(port)).toBe(1);
    relay.resume();
    await until('it is ready again', async () => (await exitCodeAt(port)) === 0);
    nyx.kill('SIGKILL');
    await nyx.exited;
    expect(await exitCodeAt(port)).toBe(1);
  } finally {
    await relay.close();
    await cleanUpProcesses();
    await database.drop();
  }
});

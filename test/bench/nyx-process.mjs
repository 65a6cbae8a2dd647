import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { clearTimeout, setTimeout } from 'node:timers';
import { fileURLToPath } from 'node:url';
import { NyxClient } from './nyx-client.mjs';
import { freePort } from './postgres-server.mjs';

const ENTRY = fileURLToPath(new URL('../../dist/programs/main.js', import.meta.url));
const START_BOUND_MS = 60_000;
export const PASSWORD = 'bench-admin-password-0001';

const environment = (databaseUrl, dataDir, port, model, more) => {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(ANTHROPIC|NYX|DATABASE|JWT|LLM)_/.test(name));
  return {
    ...Object.fromEntries(inherited),
    PORT: String(port),
    HOST: '127.0.0.1',
    NYX_DATA_DIR: dataDir,
    NYX_ADMIN_PASSWORD: PASSWORD,
    RATE_LIMIT_PER_MINUTE: '0',
    EGRESS_PRIVATE_RANGES: '127.0.0.1/32',
    LOG_LEVEL: 'error',
    NODE_ENV: 'production',
    JWT_SECRET: 'kpx3vQ8m2LwT7cZr9Yh4Ns6Bd1Fg5Je0uAoXiR',
    ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
    ...(model === undefined ? {} : { ANTHROPIC_API_KEY: model.apiKey, ANTHROPIC_BASE_URL: model.baseUrl }),
    ...more,
  };
};

const listening = (child) =>
  new Promise((resolve, reject) => {
    let output = '';
    const fail = (why) => reject(new Error(`NYX ${why}. Its last words:\n${output.slice(-2000)}`));
    const timer = setTimeout(() => fail('did not start in time'), START_BOUND_MS);
    const read = (chunk) => {
      output += chunk;
      if (!output.includes('NYX listening on')) return;
      clearTimeout(timer);
      resolve(output);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code) => {
      clearTimeout(timer);
      fail(`ended with ${code}`);
    });
  });

/**
 * Starts the built NYX as a child. Without `databaseUrl` it runs on its own embedded PostgreSQL in `dataDir`; without `model` (a key and
 * a base URL) on the offline provider.
 */
export async function startNyx({ databaseUrl, dataDir, model, env = {} } = {}) {
  if (!existsSync(ENTRY)) throw new Error('NYX is not built: npm run build');
  const folder = dataDir ?? (await mkdtemp(join(tmpdir(), 'nyx-bench-data-')));
  const port = await freePort();
  const startedAt = performance.now();
  const child = spawn(process.execPath, [ENTRY], {
    env: environment(databaseUrl, folder, port, model, env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  await listening(child);
  const startMs = performance.now() - startedAt;
  const url = `http://127.0.0.1:${port}`;
  const client = new NyxClient(url);
  const signIn = async () => {
    const login = await client.send('POST', '/api/v1/auth/login', { username: 'admin', password: PASSWORD });
    if (login.status !== 200) throw new Error(`Signing in answered ${login.status}: ${login.text.slice(0, 300)}`);
    client.token = login.json.access_token;
  };
  await signIn();
  const end = async (signal) => {
    client.close();
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
    process.off('exit', kill);
    if (dataDir === undefined) await rm(folder, { recursive: true, force: true });
  };
  return { client, signIn, pid: child.pid, startMs, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}

/**
 * Boots the built app once on an empty folder, has it carry out a workflow and show its documentation, and stops it:
 * node .ci/boot.mjs [other node binary] [other folder that the app is in]
 * The exit code is 0 only when it was ready, answered, ended with 0 and left no process.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from '../dist/src/database/embedded/postmaster-pid.js';

const READY = /^NYX listening on (http:\/\/\S+)$/m;
const PASSWORD = 'the admin of this boot';
const [, , binary = process.execPath, app = '.'] = process.argv;

function expect(isTrue, what) {
  if (!isTrue) throw new Error(what);
}

async function post(url, body, headers = {}) {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  expect(answer.ok, `${url} answered ${answer.status}`);
  return answer.json();
}

async function carriesOutAWorkflow(url) {
  const session = await post(`${url}/api/v1/auth/login`, { username: 'admin', password: PASSWORD });
  const workflow = { input_type: 'user_prompt', content: { prompt: 'Name three uses of a paper clip.' } };
  const authorization = `Bearer ${session.access_token}`;
  const answer = await post(`${url}/api/v1/orchestrator/workflows/execute`, workflow, { authorization });
  expect(answer.success === true, `the workflow answered ${JSON.stringify(answer)}`);
}

/** The files of these pages are those of libraries, and come from their packages. */
async function showsItsDocumentation(url) {
  for (const page of ['/docs', '/redoc']) {
    const html = await text(`${url}${page}`);
    const files = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => file);
    expect(files.length > 1, `${page} has no files`);
    for (const file of files) await text(new URL(file, `${url}${page}`));
  }
}

async function text(url) {
  const answer = await fetch(url);
  expect(answer.ok, `${url} answered ${answer.status}`);
  return answer.text();
}

const folder = await mkdtemp(join(tmpdir(), 'nyx-boot-'));
await chmod(folder, 0o711);
const { PATH, HOME, NODE_ENV, JWT_SECRET } = process.env;
const env = { PATH, HOME, NODE_ENV, JWT_SECRET, NYX_ADMIN_PASSWORD: PASSWORD };
const child = spawn(binary, ['dist/programs/main.js'], {
  cwd: app,
  env: { ...env, PORT: '0', NYX_DATA_DIR: folder, LOG_LEVEL: 'warn' },
  stdio: ['ignore', 'pipe', 'inherit'],
});
let output = '';
try {
  const ended = once(child, 'exit');
  const url = await new Promise((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      output += chunk;
      const ready = READY.exec(output);
      if (ready) resolve(ready[1]);
    });
    ended.then(() => reject(new Error('it ended before it was ready')), reject);
    setTimeout(() => reject(new Error('it was not ready within 60 s')), 60_000).unref();
  });
  expect((await fetch(`${url}/readyz`)).status === 200, '/readyz did not answer 200');
  await carriesOutAWorkflow(url);
  await showsItsDocumentation(url);
  const postgres = Number((await readFile(join(folder, 'postgres/data/postmaster.pid'), 'utf8')).split('\n')[0]);
  expect(isAlive(postgres), 'its database does not run');
  child.kill('SIGTERM');
  const [code, signal] = await ended;
  expect(code === 0, `it ended with ${code ?? signal} after SIGTERM`);
  expect(!isAlive(postgres), 'its database still runs');
  console.log(`${binary}: ready, answered, stopped`);
} catch (error) {
  console.error(`Boot failed: ${error.message}\n${output}`);
  process.exitCode = 1;
} finally {
  child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
}

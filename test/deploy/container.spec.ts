import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { call, login } from '../http/client.js';
import { createTestDatabase } from '../support/database.js';
import { cleanUpProcesses, ensureBuilt, newDataDir } from '../support/process.js';
import { describeWithSandbox } from '../tools/sandbox-room.js';

const read = (path: string): string => readFileSync(path, 'utf8');
const dockerfile = read('Dockerfile');
const [, service = ''] = /^x-nyx: &nyx\n((?: {2}.*\n|\n)+)/m.exec(read('docker-compose.yml')) ?? [];
const pod = read('deploy/kubernetes/nyx.yaml');

describe('the image', () => {
  const [, last = ''] = dockerfile.split(/^FROM .*$/m).slice(1);

  it('is made on the slim image of Node, of what production needs, and says whether it is well', () => {
    expect([...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base)).toEqual(['node:24-slim', 'node:24-slim']);
    expect(dockerfile).toMatch(/^RUN npm run build && npm ci --omit=dev$/m);
    expect(last).toMatch(/^COPY --from=build \/app\/node_modules /m);
    expect(last).toMatch(/^HEALTHCHECK .*\n.*\/readyz/m);
  });

  it('runs as an ordinary user, from its first program on', () => {
    expect(last).toMatch(/^USER node$/m);
    expect(last.slice(last.indexOf('\nUSER node'))).not.toMatch(/^(RUN|COPY|ADD|USER root)/m);
  });

  it('runs programs without a shell', () => {
    expect(last).toMatch(/^CMD \["node", "--max-semi-space-size=16", "dist\/programs\/main.js"\]$/m);
    expect(last).toMatch(/^ {2}CMD \["node", /m);
  });

  it('has of programs what the sandbox needs, and no means to install others', () => {
    const installed = [...dockerfile.matchAll(/apt-get install ([^&]*)&&/g)].flatMap(([, names = '']) =>
      names.split(' ').filter((name) => name !== '' && !name.startsWith('-')),
    );
    expect(installed).toEqual(['bubblewrap', 'python3-minimal']);
    expect(last).toMatch(/^RUN rm -rf .*\/npm .*\/npx .*\/corepack/m);
  });

  it('is built without what the machine that builds it has lying about', () => {
    expect(read('.dockerignore').split('\n')).toEqual(expect.arrayContaining(['.git', '.env', '.nyx', 'node_modules']));
    // Without a name `npm run backup` writes here, and prompts and hashes of passwords are in it.
    for (const name of ['.dockerignore', '.gitignore']) expect(read(name).split('\n')).toContain('*.backup.gz');
    expect(dockerfile).not.toMatch(/^COPY (--chown\S+ )?\. /m);
    expect(dockerfile).not.toMatch(/^(ENV|ARG) .*(SECRET|PASSWORD|API_KEY)/m);
  });
});

describe('the container', () => {
  it('of Compose has no rights it does not need, and a file system that stays as it is', () => {
    expect(service).toMatch(/^ {2}read_only: true$/m);
    expect(service).toMatch(/^ {2}cap_drop:\n {4}- ALL$/m);
    expect(service).toMatch(/^ {4}- no-new-privileges$/m);
    expect(service).not.toMatch(/privileged: true|cap_add|network_mode|pid:|docker\.sock/);
  });

  it('of Kubernetes neither', () => {
    for (const line of [
      'runAsNonRoot: true',
      'readOnlyRootFilesystem: true',
      'allowPrivilegeEscalation: false',
      'capabilities: { drop: [ALL] }',
      'automountServiceAccountToken: false',
      'hostUsers: false',
    ]) {
      expect(pod).toContain(line);
    }
    expect(pod).not.toMatch(/privileged: true|hostPath|hostNetwork|hostPID/);
  });

  it('can be written at /data and /tmp in both', () => {
    expect(service).toMatch(/^ {2}volumes:\n {4}- nyx-data:\/data\n/m);
    expect(service).toMatch(/^ {2}tmpfs:\n {4}- \/tmp:/m);
    const writable = [...pod.matchAll(/mountPath: ([^\s,]+) \}/g)].map(([, path]) => path);
    expect(writable).toEqual(['/data', '/tmp']);
  });
});

describeWithSandbox('NYX', () => {
  afterAll(cleanUpProcesses);

  it('needs to write nowhere but in its data folder and /tmp, and neither do the programs beside it', async () => {
    await ensureBuilt();
    const [database, dataDir] = [await createTestDatabase(), await newDataDir()];
    const password = 'the admin of a container';
    const { PATH, HOME } = process.env;
    const env = {
      PATH,
      HOME,
      PORT: '0',
      NYX_DATA_DIR: dataDir,
      NYX_ADMIN_PASSWORD: password,
      DATABASE_URL: database.url,
    };
    const contained = (program: string, ...args: string[]) => [
      ...['--die-with-parent', '--ro-bind', '/', '/', '--dev-bind', '/dev', '/dev', '--tmpfs', '/tmp'],
      // The program itself may stand below /tmp.
      ...['--ro-bind', process.cwd(), process.cwd(), '--bind', dataDir, dataDir],
      ...[process.execPath, resolve(`dist/programs/${program}.js`), ...args],
    ];
    const child = spawn('bwrap', contained('main'), { cwd: '/', env, stdio: ['ignore', 'pipe', 'inherit'] });
    const run = (program: string, ...args: string[]) =>
      promisify(execFile)('bwrap', contained(program, ...args), { cwd: '/', env });
    try {
      const ended = once(child, 'exit');
      const url = await new Promise<string>((accept, reject) => {
        let output = '';
        child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
          output += chunk;
          const found = /NYX listening on (http:\/\/\S+)/.exec(output)?.[1];
          if (found !== undefined) accept(found);
        });
        void ended.then(() => reject(new Error(`It ended before it was ready:\n${output}`)));
      });
      const { access_token: token } = await login(url, 'admin', password);
      const answer = await call<{ success: boolean }>(`${url}/api/v1/orchestrator/workflows/execute`, {
        headers: { authorization: `Bearer ${token}` },
        body: { input_type: 'user_prompt', content: { prompt: 'Name three uses of a paper clip.' } },
      });
      expect(answer.body.success).toBe(true);
      expect(existsSync(`${dataDir}/workspace`)).toBe(true);
      const backup = `${dataDir}/nyx.backup.gz`;
      expect((await run('backup', backup)).stdout).toContain(`Wrote ${backup}: `);
      expect((await run('doctor')).stdout).toContain('NYX can work here.');
      // bubblewrap waits for its only child, and ends as that does.
      const pid = Number(read(`/proc/${child.pid ?? 0}/task/${child.pid ?? 0}/children`));
      process.kill(pid, 'SIGTERM');
      expect(await ended).toEqual([0, null]);
    } finally {
      child.kill('SIGKILL');
      await database.drop();
    }
  }, 120_000);
});

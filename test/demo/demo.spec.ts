import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, readPostmaster } from '../../src/database/embedded/postmaster-pid.js';
import { blocksOf, page } from '../readme/readme-document.js';
import { startModelServer, type ModelServer } from '../support/model-server.js';
import { cleanUpProcesses, ensureBuilt, newDataDir } from '../support/process.js';
import { until } from '../support/until.js';

const DEMO = resolve(import.meta.dirname, '../../dist/programs/demo.js');

beforeAll(ensureBuilt);
afterAll(cleanUpProcesses);

interface Demo {
  /** Everything it printed, also to stderr. */
  output(): string;
  readonly exitCode: Promise<number | null>;
  /** The process id of its NYX. */
  nyx(): Promise<number>;
  /** The process id of its database. */
  postgres(): Promise<number>;
  kill(signal: NodeJS.Signals): void;
  /** Closes its output, as `head` does when it has read enough. */
  stopReading(): void;
  /** What it left in its folder for temporary files. */
  leftovers(): Promise<string[]>;
}

async function startDemo(env: Record<string, string> = {}, cwd = tmpdir()): Promise<Demo> {
  const folder = await newDataDir();
  const child = spawn(process.execPath, [DEMO], {
    cwd,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  }
  return {
    output: () => output,
    exitCode: once(child, 'close').then(([code]: unknown[]) => code as number | null),
    nyx: async () => {
      const pid = child.pid ?? 0;
      return Number((await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim());
    },
    postgres: async () => {
      const [name = ''] = await readdir(folder);
      return (await readPostmaster(join(folder, name, 'postgres', 'data')))?.pid ?? -1;
    },
    kill: (signal) => child.kill(signal),
    stopReading: () => child.stdout.destroy(),
    leftovers: () => readdir(folder),
  };
}

const addressIn = (output: string): string => /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0] ?? '';

async function expectNothingLeft(demo: Demo): Promise<void> {
  expect(await demo.leftovers()).toEqual([]);
  await expect(fetch(`${addressIn(demo.output())}/livez`)).rejects.toThrow();
}

function expectReadable(output: string): void {
  expect(output.split('\n').filter((line) => Array.from(line).length > 80)).toEqual([]);
  // Not a terminal: no colours, and no line is rewritten.
  expect(output).not.toContain('\u001b');
  expect(output).not.toContain('\r');
}

const screenIn = (path: string): string => blocksOf(page(path)).find(({ info }) => info === 'text')?.text ?? '';

/** The output without what differs from run to run: numbers that are no tokens, ids, how often it was looked at, and where lines wrap for that. */
const shapeOf = (output: string): string =>
  output
    .replaceAll(/^ +\d+\.\d s .*\n/gm, '')
    .replaceAll(/workflow [0-9a-f-]{36}/g, 'workflow ID')
    .replaceAll(/([\d,]+\/[\d,]+)|\d[\d,.]*\d|\d/g, (_number, tokens?: string) => tokens ?? '0')
    .replaceAll(/\s+/g, ' ')
    .trim();

describe('the demo', () => {
  it('runs a workflow in parallel without a key, and leaves nothing behind', async () => {
    const demo = await startDemo();
    expect(await demo.exitCode).toBe(0);
    const output = demo.output();
    expectReadable(output);
    expect(output).toContain('offline provider');
    expect(output).toMatch(/^ +\d+\.\d s +completed +100 % /m);
    expect(output).toMatch(/^├─ ✓ planner +[\d,]+ ms +[\d,]+\/[\d,]+ +0\.000000$/m);
    expect(output.match(/─ ✓ agent: /g)).toHaveLength(4);
    expect(output).toMatch(/^The workflow completed in \d+\.\d s by parallel_execution and cost 0 USD\.$/m);
    expect(shapeOf(output)).toBe(shapeOf(screenIn('docs/workflows.md')));
    // README leaves some of it out, at lines of their own.
    const shown = screenIn('README.md').split(/^…$/m).map(shapeOf);
    expect(shown).toHaveLength(3);
    expect(shown.filter((part) => !shapeOf(output).includes(part))).toEqual([]);
    await expectNothingLeft(demo);
  });

  describe('with a model', () => {
    let model: ModelServer;
    let environment: Record<string, string>;

    beforeEach(async () => {
      model = await startModelServer();
      environment = { ANTHROPIC_API_KEY: 'a-key-of-the-test', ANTHROPIC_BASE_URL: model.url };
    });
    afterEach(() => model.close());

    it('shows what it cost, also with the key in a file beside the caller', async () => {
      const folder = await newDataDir();
      await writeFile(join(folder, 'key'), 'a-key-of-the-test\n');
      const demo = await startDemo({ ...environment, ANTHROPIC_API_KEY: '', ANTHROPIC_API_KEY_FILE: 'key' }, folder);
      expect(await demo.exitCode).toBe(0);
      expectReadable(demo.output());
      const total = Number(/^Total of \d+ agents .* (\d+\.\d{6})$/m.exec(demo.output())?.[1]);
      expect(total).toBeGreaterThan(0);
      expect(total).toBeCloseTo(model.totalChargedUsd().toNumber(), 6);
      await expectNothingLeft(demo);
    });

    it('stops in order when it is interrupted in the middle', async () => {
      model.script({ hold: 'for ever' });
      const demo = await startDemo(environment);
      await model.waitFor(1, 60_000);
      while (!/^ +\d+\.\d s +planning +\d+ % /m.test(demo.output())) await sleep(20);
      const postgres = await demo.postgres();
      expect(isAlive(postgres)).toBe(true);
      const interruptedAt = performance.now();
      demo.kill('SIGINT');
      expect(await demo.exitCode).toBe(130);
      // A call that is not aborted is waited for as long as this.
      expect(performance.now() - interruptedAt).toBeLessThan(20_000);
      expect(isAlive(postgres)).toBe(false);
      expect(demo.output()).not.toMatch(/\n\s+at /);
      await expectNothingLeft(demo);
    });

    it('stops in order when nobody reads any more', async () => {
      model.script({ hold: 'in hand' });
      const demo = await startDemo(environment);
      await model.waitFor(1, 60_000);
      const postgres = await demo.postgres();
      demo.stopReading();
      model.release('in hand');
      expect(await demo.exitCode).toBe(141);
      expect(isAlive(postgres)).toBe(false);
      expect(demo.output()).not.toMatch(/\n\s+at /);
      await expectNothingLeft(demo);
    });

    it('leaves no process behind when it is killed', async () => {
      model.script({ hold: 'in hand' });
      const demo = await startDemo(environment);
      await model.waitFor(1, 60_000);
      const processes = [await demo.nyx(), await demo.postgres()];
      demo.kill('SIGKILL');
      await demo.exitCode;
      model.release('in hand');
      await until('NYX and its database have ended', () => !processes.some(isAlive));
    });

    it('says that NYX ended by itself, and stops the database that it left', async () => {
      model.script({ hold: 'for ever' });
      const demo = await startDemo(environment);
      await model.waitFor(1, 60_000);
      const postgres = await demo.postgres();
      process.kill(await demo.nyx(), 'SIGKILL');
      expect(await demo.exitCode).toBe(1);
      expect(demo.output()).toMatch(/^NYX ended by itself\.$/m);
      expect(demo.output()).not.toMatch(/\n\s+at /);
      expect(isAlive(postgres)).toBe(false);
      // Folders of its sandbox are left to the next NYX, whoever it is.
      expect((await demo.leftovers()).filter((name) => name.startsWith('nyx-demo-'))).toEqual([]);
    });

    it('says in a sentence why a workflow failed', async () => {
      model.script({ status: 401, errorMessage: 'invalid x-api-key' });
      const demo = await startDemo(environment);
      expect(await demo.exitCode).toBe(1);
      expect(demo.output()).toMatch(/^The workflow failed without success: .+/m);
      expect(demo.output()).not.toMatch(/\n\s+at /);
      await expectNothingLeft(demo);
    });
  });

  it('runs on a database of its own, whatever is set for the NYX of the caller', async () => {
    const folder = await newDataDir();
    const nowhere = join(folder, 'nowhere');
    await writeFile(join(folder, 'database-url'), 'postgresql://nyx@127.0.0.1:1/production');
    await writeFile(
      join(folder, '.env'),
      `NYX_MCP_CONFIG=${nowhere}\nOIDC_ISSUER=https://login.example.net\nPGPORT=none\nOTEL_EXPORTER_OTLP_ENDPOINT=x\n`,
    );
    const demo = await startDemo(
      {
        DATABASE_URL_FILE: 'database-url',
        NYX_ADMIN_PASSWORD_FILE: nowhere,
        NYX_API_KEY_FILE: nowhere,
        JWT_SECRET_FILE: nowhere,
        JWT_PREVIOUS_SECRETS_FILE: nowhere,
        NYX_ROLES: 'worker',
        NYX_ARCHIVE_DIR: process.execPath,
        SECRET_KEY: 'short',
      },
      folder,
    );
    expect(await demo.exitCode).toBe(0);
    expect(demo.output()).toContain('The workflow completed');
    await expectNothingLeft(demo);
  });

  it('says which file of the model cannot be read', async () => {
    const demo = await startDemo({ ANTHROPIC_API_KEY_FILE: 'nowhere' });
    expect(await demo.exitCode).toBe(1);
    expect(demo.output()).toMatch(
      /^ANTHROPIC_API_KEY_FILE must name a file that can be read, and \S+ cannot be \(ENOENT\)\.\n$/,
    );
    expect(await demo.leftovers()).toEqual([]);
  });

  it('says why NYX did not start', async () => {
    const demo = await startDemo({ LLM_DAILY_BUDGET_USD: 'plenty' });
    expect(await demo.exitCode).toBe(1);
    expect(demo.output()).toMatch(/^NYX did not start\.\nLLM_DAILY_BUDGET_USD must be /m);
    expect(await demo.leftovers()).toEqual([]);
  });
});

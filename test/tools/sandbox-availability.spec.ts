import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppConfig } from '../../src/config/app-config.js';
import { configOf } from '../../src/config/load-config.js';
import { StartError } from '../../src/config/start-error.js';
import { EgressProxy } from '../../src/egress/proxy.js';
import { Metrics } from '../../src/telemetry/metrics.js';
import { Sandbox } from '../../src/tools/sandbox/sandbox.js';
import type { SandboxRequest } from '../../src/tools/sandbox/sandbox.types.js';
import { startApp } from '../support/app.js';

const request = (workspaceDirectory: string): SandboxRequest => ({
  argv: ['touch', 'ran'],
  workspaceDirectory,
  limits: { timeoutMs: 1000 },
  signal: new AbortController().signal,
});

describe('where there is no bubblewrap', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nyx-test-none-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  const sandboxWith = (tools: Partial<AppConfig['tools']>): Sandbox => {
    const config = configOf({ NODE_ENV: 'test', NYX_DATA_DIR: folder }, folder);
    const changed = Object.assign(new AppConfig(), config, { tools: { ...config.tools, ...tools } });
    return new Sandbox(changed, new EgressProxy([]), new Metrics());
  };

  it('tools that run programs are not available, and everybody is told how to get it', async () => {
    const nyx = await startApp({ tools: { searchPath: folder } });
    try {
      const answer = await nyx.request('viewer', 'GET', '/api/v1/tools/available');
      const { tools } = (await answer.json()) as { tools: { name: string; available: boolean; reason?: string }[] };
      for (const name of ['shell_command', 'run_code']) {
        const tool = tools.find((one) => one.name === name);
        expect(tool?.available).toBe(false);
        expect(tool?.reason).toMatch(process.platform === 'linux' ? /apt-get install bubblewrap/ : /container/);
        const parameters = name === 'run_code' ? { language: 'javascript', code: '1' } : { command: 'true' };
        const refused = await nyx.request('admin', 'POST', '/api/v1/tools/execute', { tool_name: name, parameters });
        expect(refused.status).toBe(503);
        expect(await refused.json()).toMatchObject({
          error_code: 'SANDBOX_UNAVAILABLE',
          detail: `${name} cannot be used: ${tool?.reason ?? ''}`,
        });
      }
    } finally {
      await nyx.close();
    }
  });

  it('nothing runs without it', async () => {
    const sandbox = sandboxWith({ searchPath: folder });
    await sandbox.onModuleInit();
    expect(sandbox.availability().available).toBe(false);
    const refusal = { code: 'SANDBOX_UNAVAILABLE', status: 503, detail: sandbox.availability().reason };
    await expect(sandbox.run(request(folder))).rejects.toMatchObject(refusal);
    await expect(sandbox.start(request(folder))).rejects.toMatchObject(refusal);
    await expect(sandbox.makePrivateDirectory()).rejects.toMatchObject(refusal);
    await sandbox.onApplicationShutdown();
  });

  it('the start fails in one sentence where there must be one', async () => {
    const starting = sandboxWith({ searchPath: folder, requireSandbox: true }).onModuleInit();
    await expect(starting).rejects.toThrow(StartError);
    await expect(starting).rejects.toThrow(
      /^NYX_REQUIRE_SANDBOX is set\. Programs run only in a sandbox, which needs .*\.$/,
    );
  });

  it('a bubblewrap that the kernel refuses counts as none, and the reason says what to set', async () => {
    if (process.platform !== 'linux') return;
    const bubblewrap = join(folder, 'bwrap');
    await writeFile(bubblewrap, '#!/bin/sh\necho "bwrap: No permissions to create new namespace" >&2\nexit 1\n');
    await chmod(bubblewrap, 0o755);
    const sandbox = sandboxWith({ searchPath: `${folder}:/usr/local/bin:/usr/bin:/bin` });
    await sandbox.onModuleInit();
    expect(sandbox.availability()).toMatchObject({ available: false });
    // As root without control groups it does not even come to that.
    expect(sandbox.availability().reason).toMatch(/user namespaces|ordinary user/);
    await sandbox.onApplicationShutdown();
  });
});

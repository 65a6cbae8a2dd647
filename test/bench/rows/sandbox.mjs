import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { configOf } from '../../../dist/src/config/load-config.js';
import { EgressProxy } from '../../../dist/src/egress/proxy.js';
import { Metrics } from '../../../dist/src/telemetry/metrics.js';
import { Sandbox } from '../../../dist/src/tools/sandbox/sandbox.js';
import { median, quantile, rounded } from '../statistics.mjs';

const RUNS = 40;

const times = async (runs, act) => {
  const measured = [];
  for (let run = 0; run < runs; run++) {
    const startedAt = performance.now();
    await act();
    measured.push(performance.now() - startedAt);
  }
  return measured;
};

async function bare() {
  const child = spawn('true', { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.resume();
  child.stderr.resume();
  await once(child, 'close');
}

/** `true`, which does nothing: what stays is the coming and going of the sandbox. */
export default async function sandboxed({ rounds, quick }) {
  const folder = await mkdtemp(join(tmpdir(), 'nyx-bench-sandbox-'));
  const { PATH } = process.env;
  const config = configOf({ NODE_ENV: 'test', NYX_DATA_DIR: folder, PATH, NYX_REQUIRE_SANDBOX: '1' }, folder);
  await mkdir(config.workspaceDir, { recursive: true });
  const sandbox = new Sandbox(config, new EgressProxy([]), new Metrics());
  try {
    await sandbox.onModuleInit();
    const request = { argv: ['true'], workspaceDirectory: config.workspaceDir, limits: { timeoutMs: 10_000 } };
    const inSandbox = () => sandbox.run({ ...request, signal: new globalThis.AbortController().signal });
    const runs = quick ? 5 : RUNS;
    const measured = [];
    for (let round = 0; round < rounds; round++) {
      measured.push({ bareMs: await times(runs, bare), sandboxedMs: await times(runs, inSandbox) });
    }
    const all = measured.flatMap(({ sandboxedMs }) => sandboxedMs);
    const ratios = measured.map(({ bareMs, sandboxedMs }) => median(sandboxedMs) / median(bareMs));
    return [
      {
        figure: 'sandboxed `true`',
        value: `${rounded(median(all), 1)} ms, p95 ${rounded(quantile(all, 0.95), 1)} ms`,
        details: { rounds, runs, medianMs: median(all), p95Ms: quantile(all, 0.95) },
      },
      {
        figure: 'sandboxed `true` against bare spawn',
        value: `${rounded(median(ratios), 1)} x`,
        mark: '<= 4 x',
        meets: median(ratios) <= 4,
        details: { ratios, bareMs: median(measured.flatMap(({ bareMs }) => bareMs)) },
      },
    ];
  } finally {
    await sandbox.onApplicationShutdown();
    await rm(folder, { recursive: true, force: true });
  }
}

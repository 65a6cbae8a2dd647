import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { startNyx } from '../nyx-process.mjs';
import { rounded } from '../statistics.mjs';
import { direct, inParallel } from '../workloads.mjs';

const SETTLE_MS = 5_000;

const residentMiB = async (pid) => {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]);
  return Number(stdout) / 1024;
};

/** RSS of the Node process on a fresh database: idle after a warm-up, and idle again after many workflows. */
export default async function memory({ server, quick }) {
  const settled = () => sleep(quick ? 100 : SETTLE_MS);
  const workflows = quick ? 100 : 10_000;
  const nyx = await startNyx({ databaseUrl: await server.createDatabase('memory') });
  try {
    await settled();
    const idle = await residentMiB(nyx.pid);
    await inParallel(workflows / 10, 16, (number) => nyx.client.run(direct(number)));
    await settled();
    const warm = await residentMiB(nyx.pid);
    const { elapsedMs } = await inParallel(workflows, 16, (number) => nyx.client.run(direct(number)));
    await settled();
    const after = await residentMiB(nyx.pid);
    const since = (before) => `${after >= before ? '+' : ''}${rounded((after / before - 1) * 100, 1)} %`;
    const row = (of, before) => ({
      figure: `memory after ${workflows} workflows, ${of}`,
      value: `${rounded(before, 0)} -> ${rounded(after, 0)} MiB = ${since(before)}`,
    });
    const perSecond = rounded((workflows * 1000) / elapsedMs, 1);
    return [
      {
        figure: 'memory idle (RSS)',
        value: `${rounded(idle, 0)} MiB`,
        mark: '<= 220 MiB',
        meets: idle <= 220,
        details: { idleMiB: idle },
      },
      {
        ...row('from idle', idle),
        mark: '<= + 15 %',
        meets: after <= 1.15 * idle,
        details: { idleMiB: idle, afterMiB: after, workflowsPerSecond: perSecond },
      },
      { ...row(`from after ${workflows / 10} before them`, warm), details: { warmMiB: warm, afterMiB: after } },
    ];
  } finally {
    await nyx.stop();
  }
}

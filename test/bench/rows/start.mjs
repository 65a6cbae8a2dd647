import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNyx } from '../nyx-process.mjs';
import { median, rounded } from '../statistics.mjs';

const startAndStop = async (dataDir) => {
  const nyx = await startNyx({ dataDir });
  await nyx.stop();
  return nyx.startMs;
};

/** From spawning the built app to its ready line, on its embedded PostgreSQL. */
export default async function start({ rounds: usual, quick }) {
  const rounds = quick ? 1 : usual;
  const first = [];
  const later = [];
  for (let round = 0; round < rounds; round++) {
    const dataDir = await mkdtemp(join(tmpdir(), 'nyx-bench-start-'));
    first.push(await startAndStop(dataDir));
    later.push(await startAndStop(dataDir));
    await rm(dataDir, { recursive: true, force: true });
  }
  const row = (figure, values, boundMs) => ({
    figure,
    value: `${rounded(median(values) / 1000)} s`,
    mark: `<= ${boundMs / 1000} s`,
    meets: median(values) <= boundMs,
    details: { rounds, startMs: values },
  });
  return [row('first start on an empty folder', first, 4_000), row('later starts', later, 2_500)];
}

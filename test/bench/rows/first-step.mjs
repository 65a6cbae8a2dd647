import { setTimeout as sleep } from 'node:timers/promises';
import { median, quantile, rounded } from '../statistics.mjs';
import { direct } from '../workloads.mjs';

const BOUND_MS = 60_000;

/** Events that say a workflow is accepted, not that it runs, commit with the row itself. */
const firstStep = (database, id) =>
  database.one(
    `SELECT w.created_at, (SELECT min(at) FROM workflow_events e WHERE e.workflow_id = w.id AND e.at > w.created_at AND e.seq > 1) AS at
       FROM workflows w WHERE w.id = $1`,
    [id],
  );

/** Looked for after the pause; on a machine that is busy with other things it may take longer. */
async function firstStepAfter(database, id, pauseMs) {
  for (const deadline = Date.now() + BOUND_MS; Date.now() < deadline;) {
    await sleep(pauseMs);
    const { at } = await firstStep(database, id);
    if (at !== null) return at;
  }
  throw new Error(`The accepted workflow ${id} had no event in time.`);
}

/** From the 202 to the first event of the run, one workflow at a time with pauses, so that a queue's poll would show. */
export default async function firstStepRow({ nyx, nyxDatabase, quick }) {
  const waits = [];
  for (let number = 0; number < (quick ? 10 : 60); number++) {
    const id = await nyx.client.accept(direct(number));
    const acceptedAt = Date.now();
    const at = await firstStepAfter(nyxDatabase, id, quick ? 100 : 330);
    waits.push(Math.max(0, at.getTime() - acceptedAt));
  }
  return [
    {
      figure: 'accepted workflow to its first step',
      value: `${rounded(median(waits), 1)} ms (p99 ${rounded(quantile(waits, 0.99), 0)} ms)`,
      mark: '<= 30 ms',
      meets: median(waits) <= 30,
      details: { waitsMs: waits },
    },
  ];
}

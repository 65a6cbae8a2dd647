import { median, rounded } from '../statistics.mjs';
import { council, direct, inParallel, iterative, parallel, planned, recursive } from '../workloads.mjs';

/** One line a strategy. */
const STRATEGIES = { direct, sequential: planned, parallel, recursive, council, iterative };

/** What NYX itself takes for a workflow, its model answering at once and for nothing: over HTTP, accepted, queued and awaited. */
async function rowOf({ nyx, nyxDatabase, quick }, name, workflow) {
  const { workflow_id: id } = await nyx.client.run(workflow());
  const { calls } = await nyxDatabase.one(
    'SELECT count(*)::int AS calls FROM llm_interactions WHERE workflow_id = $1',
    [id],
  );
  const { latenciesMs } = await inParallel(quick ? 3 : 20, 1, (number) => nyx.client.run(workflow(number)));
  return {
    figure: `overhead of a ${name} workflow (model calls: ${calls})`,
    value: `${rounded(median(latenciesMs), 1)} ms, ${rounded(median(latenciesMs) / calls, 1)} a call`,
    details: { calls, latenciesMs },
  };
}

/** In turn, the offline provider under all of them; their commits are in the rows of write-commits.mjs. */
export default async function strategies(context) {
  const rows = [];
  for (const [name, workflow] of Object.entries(STRATEGIES)) rows.push(await rowOf(context, name, workflow));
  return rows;
}

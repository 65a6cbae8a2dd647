import { startOpponent } from '../opponents/child.mjs';
import { median, rounded } from '../statistics.mjs';
import { direct, inParallel, planned } from '../workloads.mjs';

/** Steps that DBOS recorded for a workflow and its children. */
async function durableStepsOf({ nyx, nyxDatabase }, workflow) {
  const { workflow_id: id } = await nyx.client.run(workflow);
  const { n } = await nyxDatabase.one(
    `SELECT count(*)::int AS n FROM durable.operation_outputs o JOIN durable.workflow_status w USING (workflow_uuid)
      WHERE w.workflow_uuid = $1 OR w.parent_workflow_id = $1`,
    [id],
  );
  return n;
}

async function compare(context, opponent, name, workflow, runs) {
  const { nyx, rounds } = context;
  const steps = await durableStepsOf(context, workflow());
  const ours = [];
  const theirs = [];
  for (let round = 0; round < rounds; round++) {
    const own = await inParallel(runs, 1, (number) => nyx.client.run(workflow(number)));
    ours.push(median(own.latenciesMs));
    theirs.push(median((await opponent.ask({ runs, concurrency: 1, steps })).latenciesMs));
  }
  const ratio = median(ours.map((value, round) => value / theirs[round]));
  return {
    figure: `${name} workflow over bare DBOS with as many steps (${steps})`,
    value: `${rounded(median(ours), 1)} ms : ${rounded(median(theirs), 1)} ms = ${rounded(ratio)} x`,
    mark: '<= 2.5 x',
    meets: ratio <= 2.5,
    details: { rounds, runsPerRound: runs, steps, nyxMs: ours, dbosMs: theirs },
  };
}

/** NYX over HTTP, accepted, queued and awaited, against a function called in process. */
export default async function bareDbos(context) {
  const { server, quick } = context;
  const opponent = await startOpponent('dbos', await server.createDatabase('dbos'));
  try {
    await opponent.ask({ runs: 2, concurrency: 1, steps: 3 });
    return [
      await compare(context, opponent, 'planned', planned, quick ? 2 : 10),
      await compare(context, opponent, 'direct', direct, quick ? 5 : 40),
    ];
  } finally {
    await opponent.stop();
  }
}

import { isBackground, isWrite } from '../postgres-server.mjs';
import { rounded } from '../statistics.mjs';
import { council, direct, inParallel, iterative, parallel, planned, recursive } from '../workloads.mjs';

const nextTransaction = async (server) => {
  const row = await server.one('SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS id');
  return Number(row.id);
};

const isNotify = (statement) => /pg_notify|^NOTIFY\b/i.test(statement);

/** Transaction ids that `count` workflows used up: those of NOTIFYs and of the replica's own liveness apart. */
async function commitsOf({ server, nyx }, count, workflow) {
  let used = 0;
  const measured = async () => {
    const before = await nextTransaction(server);
    await inParallel(count, 1, (number) => nyx.client.run(workflow(number)));
    used = (await nextTransaction(server)) - before;
  };
  const statements = await server.observing(() => server.observe(measured));
  const notifies = statements.filter(isNotify).length;
  const background = statements.filter((text) => isBackground(text) && isWrite(text)).length;
  return {
    perWorkflow: rounded((used - notifies - background) / count),
    notifiesPerWorkflow: rounded(notifies / count),
    backgroundTotal: background,
    statementsPerWorkflow: rounded(statements.filter((text) => !isBackground(text)).length / count),
  };
}

async function shapeOf({ nyx, nyxDatabase }, workflow) {
  const { workflow_id: id } = await nyx.client.run(workflow(1));
  const calls = await nyxDatabase.one('SELECT count(*)::int AS n FROM llm_interactions WHERE workflow_id = $1', [id]);
  const children = await nyxDatabase.one(
    'SELECT count(*)::int AS n FROM durable.workflow_status WHERE parent_workflow_id = $1',
    [id],
  );
  return { calls: calls.n, children: children.n };
}

async function rowOf(context, kind, workflow, count) {
  const { calls, children } = await shapeOf(context, workflow);
  const commits = await commitsOf(context, count, workflow);
  const bound = 3 * calls + 8 + 5 * children;
  return {
    figure: `write commits, ${kind} workflow (model calls: ${calls}, children: ${children})`,
    value: `${commits.perWorkflow} (+ ${commits.notifiesPerWorkflow} NOTIFY)`,
    mark: `<= ${bound}`,
    meets: commits.perWorkflow <= bound,
    details: { workflows: count, calls, children, ...commits },
  };
}

/** Counters, so exact: no rounds. */
export default async function writeCommits(context) {
  const { quick } = context;
  return [
    await rowOf(context, 'direct', direct, quick ? 20 : 200),
    await rowOf(context, 'sequential', planned, quick ? 3 : 20),
    await rowOf(context, 'parallel', parallel, quick ? 3 : 20),
    await rowOf(context, 'recursive', recursive, quick ? 3 : 20),
    await rowOf(context, 'council', council, quick ? 3 : 20),
    await rowOf(context, 'iterative', iterative, quick ? 3 : 20),
  ];
}

import { setTimeout as sleep } from 'node:timers/promises';
import { isBackground, isTransactionControl } from '../postgres-server.mjs';
import { planned } from '../workloads.mjs';

const MOST = 2;

/** The GET routes of the API itself, with the ids of rows that exist filled in. */
async function routes({ nyx }, ids) {
  const { json } = await nyx.client.get('/openapi.json');
  const paths = Object.entries(json.paths).filter(([, item]) => 'get' in item);
  return paths
    .map(([path]) => path)
    .filter((path) => path.startsWith('/api/'))
    .map((path) => ({ path, url: path.replace(/\{[^}]+\}/, () => ids[path] ?? ids.workflow) }));
}

/** The least of several tries: what goes on in the background can only add. */
async function queriesOf({ server, nyx, quick }, url) {
  let least = Infinity;
  let texts = [];
  for (let attempt = 0; attempt < 5; attempt++) {
    const statements = (await server.observe(() => nyx.client.send('GET', url))).filter(
      (text) => !isBackground(text) && !isTransactionControl(text),
    );
    if (statements.length < least) {
      least = statements.length;
      texts = statements;
    }
    if (quick && least <= MOST) break;
  }
  return { queries: least, texts };
}

async function idsOf({ nyxDatabase }, workflow) {
  const of = async (table, where) =>
    (await nyxDatabase.one(`SELECT id FROM ${table} WHERE ${where} LIMIT 1`, [workflow]))?.id;
  return {
    workflow,
    '/api/v1/orchestrator/agents/{id}': await of(
      'agents',
      'thought_tree_id IN (SELECT id FROM thought_trees WHERE root_id = $1)',
    ),
    '/api/v1/llm/interactions/{id}': await of('llm_interactions', 'workflow_id = $1'),
  };
}

/** Counted by PostgreSQL itself; transaction brackets and the replica's own liveness are left out. */
export default async function queriesPerGet(context) {
  const { workflow_id: workflow } = await context.nyx.client.run(planned());
  const counted = {};
  await context.server.observing(async () => {
    for (const { path, url } of await routes(context, await idsOf(context, workflow))) {
      const { status } = await context.nyx.client.send('GET', url);
      await sleep(20);
      counted[path] = { status, ...(await queriesOf(context, url)) };
    }
  });
  const answered = Object.entries(counted).filter(([, { status }]) => status === 200);
  const most = Math.max(...answered.map(([, { queries }]) => queries));
  const worst = answered.filter(([, { queries }]) => queries === most).map(([path]) => path);
  return [
    {
      figure: `queries per GET, most of ${answered.length} routes`,
      value: `${most}${most > MOST ? ` (${worst.join(', ')})` : ''}`,
      mark: `<= ${MOST}`,
      meets: most <= MOST,
      details: counted,
    },
  ];
}

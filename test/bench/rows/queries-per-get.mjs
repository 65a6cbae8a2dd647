import { setTimeout as sleep } from 'node:timers/promises';
import { getRoutes } from '../get-routes.mjs';
import { isBackground, isTransactionControl } from '../postgres-server.mjs';
import { direct, inParallel, planned } from '../workloads.mjs';

const MOST = 2;
/** Workflows that are run before it is counted again: none of the lists is shorter than its page then. */
const MORE = 300;

/** The least of several tries: what goes on in the background can only add. With so few as `enough` a quick run has it. */
async function queriesOf({ server, nyx, quick }, url, enough) {
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
    if (quick && least <= enough) break;
  }
  return { queries: least, texts };
}

async function count(context, workflow, before = {}) {
  const counted = {};
  await context.server.observing(async () => {
    for (const { path, url } of await getRoutes(context, workflow)) {
      const { status } = await context.nyx.client.send('GET', url);
      await sleep(20);
      counted[path] = { status, ...(await queriesOf(context, url, before[path]?.queries ?? MOST)) };
    }
  });
  return counted;
}

/** Counted by PostgreSQL itself; transaction brackets and the replica's own liveness are left out. */
export default async function queriesPerGet(context) {
  const { nyx, quick } = context;
  const { workflow_id: workflow } = await nyx.client.run(planned());
  const counted = await count(context, workflow);
  const more = quick ? 10 : MORE;
  await inParallel(more, 16, (number) => nyx.client.run(direct(number)));
  const again = await count(context, workflow, counted);
  const grown = Object.keys(counted).filter((path) => again[path].queries > counted[path].queries);
  const answered = Object.entries(counted).filter(([, { status }]) => status === 200);
  const most = Math.max(...answered.map(([, { queries }]) => queries));
  const worst = answered.filter(([, { queries }]) => queries === most).map(([path]) => path);
  return [
    {
      figure: 'queries per GET, most of all routes',
      value: `${most} (of ${answered.length} routes)${most > MOST ? `: ${worst.join(', ')}` : ''}`,
      mark: `<= ${MOST}`,
      meets: most <= MOST,
      details: counted,
    },
    {
      figure: `routes whose GET takes more queries after ${more} more workflows`,
      value: grown.length === 0 ? `0 (of ${answered.length})` : grown.join(', '),
      mark: '0',
      meets: grown.length === 0,
      details: Object.fromEntries(grown.map((path) => [path, [counted[path], again[path]]])),
    },
  ];
}

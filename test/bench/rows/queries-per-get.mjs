import { setTimeout as sleep } from 'node:timers/promises';
import { getRoutes } from '../get-routes.mjs';
import { isBackground, isTransactionControl } from '../postgres-server.mjs';
import { planned } from '../workloads.mjs';

const MOST = 2;

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

/** Counted by PostgreSQL itself; transaction brackets and the replica's own liveness are left out. */
export default async function queriesPerGet(context) {
  const { workflow_id: workflow } = await context.nyx.client.run(planned());
  const counted = {};
  await context.server.observing(async () => {
    for (const { path, url } of await getRoutes(context, workflow)) {
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
      figure: 'queries per GET, most of all routes',
      value: `${most} (of ${answered.length} routes)${most > MOST ? `: ${worst.join(', ')}` : ''}`,
      mark: `<= ${MOST}`,
      meets: most <= MOST,
      details: counted,
    },
  ];
}

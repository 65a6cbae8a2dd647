import { setTimeout as sleep } from 'node:timers/promises';
import { isBackground, isTransactionControl } from '../postgres-server.mjs';
import { documentedRoutes, expectEvery, getsOf } from '../routes/document.mjs';
import { NOT_COUNTED } from '../routes/left-out.mjs';
import { makeOneOfEach } from '../routes/one-of-each.mjs';
import { direct, inParallel } from '../workloads.mjs';

const MOST = 2;
/** Workflows that are run before it is counted again: none of the lists is shorter than its page then. */
const MORE = 300;

/** The least of several tries: what goes on in the background can only add. With so few as `enough` a quick run has it. */
async function queriesOf({ server, nyx, quick }, url, enough) {
  let least = Infinity;
  let texts = [];
  // A machine that is busy with other things lets more go on beside each try.
  for (let attempt = 0; attempt < 5 || (least > enough && attempt < 15); attempt++) {
    const statements = (await server.observe(() => nyx.client.send('GET', url))).filter(
      (text) => !isBackground(text) && !isTransactionControl(text) && !/\bdeadline_epoch_ms <= /.test(text),
    );
    if (statements.length < least) {
      least = statements.length;
      texts = statements;
    }
    if (quick && least <= enough) break;
  }
  return { queries: least, texts };
}

async function count(context, gets, before = {}) {
  const counted = {};
  await context.server.observing(async () => {
    for (const { route, url } of gets) {
      const { json } = await context.nyx.client.get(url);
      if (json.items?.length === 0) throw new Error(`${route} has nothing to answer, so its statements say nothing.`);
      await sleep(20);
      counted[route] = await queriesOf(context, url, before[route]?.queries ?? MOST);
    }
  });
  return counted;
}

/** Counted by PostgreSQL itself; transaction brackets and the replica's own liveness are left out. */
export default async function queriesPerGet(context) {
  const { nyx, quick } = context;
  const ids = await makeOneOfEach(context);
  const documented = (await documentedRoutes(nyx.client)).filter(({ isGet }) => isGet);
  const gets = getsOf(documented, ids, NOT_COUNTED);
  expectEvery(
    documented,
    gets.map(({ route }) => route),
    NOT_COUNTED,
  );
  const counted = await count(context, gets);
  const more = quick ? 10 : MORE;
  await inParallel(more, 16, (number) => nyx.client.run(direct(number)));
  const again = await count(context, quick ? gets.slice(0, 10) : gets, counted);
  const most = Math.max(...Object.values(counted).map(({ queries }) => queries));
  const worst = gets.map(({ route }) => route).filter((route) => counted[route].queries === most);
  const grown = Object.keys(again).filter((route) => again[route].queries > counted[route].queries);
  return [
    {
      figure: 'queries per GET, most of all routes',
      value: `${most} (of ${gets.length} routes)${most > MOST ? `: ${worst.join(', ')}` : ''}`,
      mark: `<= ${MOST}`,
      meets: most <= MOST,
      details: { ...counted, leftOut: NOT_COUNTED },
    },
    {
      figure: `routes whose GET takes more queries after ${more} more workflows`,
      value: grown.length === 0 ? `0 (of ${Object.keys(again).length})` : grown.join(', '),
      mark: '0',
      meets: grown.length === 0,
      details: Object.fromEntries(grown.map((route) => [route, [counted[route], again[route]]])),
    },
  ];
}

import autocannon from 'autocannon';
import { documentedRoutes, expectEvery, getsOf } from '../routes/document.mjs';
import { NOT_LOADED } from '../routes/left-out.mjs';
import { makeOneOfEach } from '../routes/one-of-each.mjs';
import { chains } from '../routes/once.mjs';
import { repeatedWrites } from '../routes/repeated.mjs';
import { quantile, rounded } from '../statistics.mjs';
import { inParallel } from '../workloads.mjs';

/** Of those that chains ask. */
const HASHING = ['POST /api/v1/auth/login', 'POST /api/v1/auth/users'];
/** What the first plan promised. */
const MOST_MS = 500;
const CONNECTIONS = 50;

async function repeated({ nyx, quick }, { route, url, body }) {
  const [method] = route.split(' ');
  const tried = await nyx.client.send(method, url, body);
  if (tried.status >= 300) throw new Error(`${method} ${url} answered ${tried.status}: ${tried.text.slice(0, 300)}`);
  const result = await autocannon({
    url: new URL(url, nyx.client.baseUrl).href,
    method,
    headers: { ...nyx.client.headers, ...(body && { 'content-type': 'application/json' }) },
    body: body && JSON.stringify(body),
    connections: CONNECTIONS,
    // It ends only where a sample does, which are of a second.
    ...(quick ? { amount: CONNECTIONS, sampleInt: 50 } : { duration: 4 }),
  });
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${method} ${url} under load: ${result.non2xx} answers were not 2xx, ${result.errors} errors.`);
  return { p99Ms: result.latency.p99, rate: rounded(result.requests.total / result.duration, 0) };
}

/** One request for each item; what is answered becomes part of the item. */
async function once({ nyx }, items, [route, bodyOf, { id = 'id', headers = {}, headersOf = () => headers } = {}]) {
  const [method, path] = route.split(' ');
  const { latenciesMs, elapsedMs } = await inParallel(items.length, CONNECTIONS, async (number) => {
    const item = items[number];
    const url = path.replace(/\{(\w+)\}/g, (_whole, name) => item[name === 'id' ? id : name]);
    const { status, json, text } = await nyx.client.send(method, url, bodyOf?.(item), headersOf(item));
    if (status >= 300) throw new Error(`${method} ${url} under load answered ${status}: ${text.slice(0, 300)}`);
    items[number] = { ...item, ...json, id: item.id ?? json?.id ?? json?.workflow_id };
  });
  const p99Ms = rounded(quantile(latenciesMs, 0.99), 0);
  return { p99Ms, rate: rounded((items.length / elapsedMs) * 1000, 0), requests: items.length };
}

let made = 0;

async function throughChain(context, { most = Infinity, begin = () => ({}), steps }, measured) {
  const items = [];
  while (items.length < Math.min(most, context.quick ? 5 : 200)) {
    made += 1;
    const own = await begin(context.nyx.client);
    items.push({ number: made, name: `bench-once-${made}`, path: `bench/once/${made}.txt`, ...own });
  }
  for (const step of steps) {
    if (typeof step === 'function') await step(items, context.nyx.client);
    else {
      const result = await once(context, items, step);
      measured[step[0]] ??= result;
    }
  }
}

/** 50 connections at each route that waits for no model or tool. */
export default async function routes(context) {
  const ids = await makeOneOfEach(context);
  const documented = await documentedRoutes(context.nyx.client);
  const again = [...getsOf(documented, ids, NOT_LOADED), ...repeatedWrites(ids)];
  const chained = chains({ ...context, ids });
  const inChains = chained.flatMap(({ steps }) => steps.filter(Array.isArray).map(([route]) => route));
  expectEvery(documented, [...again.map(({ route }) => route), ...inChains], NOT_LOADED);

  const measured = {};
  for (const chain of chained) await throughChain(context, chain, measured);
  for (const request of again) measured[request.route] = await repeated(context, request);
  // Chains make users and sessions by them.
  const hashing = Object.fromEntries(HASHING.map((route) => [route, measured[route]]));
  for (const route of Object.keys(NOT_LOADED)) delete measured[route];
  return [
    slowestOf(
      'the routes that wait for no model or tool',
      measured,
      `; left out: ${Object.keys(NOT_LOADED).length}`,
      NOT_LOADED,
    ),
    slowestOf('those that hash a password on purpose slowly', hashing),
  ];
}

function slowestOf(which, measured, besides = '', leftOut) {
  const bySlowness = Object.entries(measured).sort(([, one], [, other]) => other.p99Ms - one.p99Ms);
  const [[slowest, { p99Ms }]] = bySlowness;
  return {
    figure: `p99 with 50 connections, slowest of ${which}`,
    value: `${p99Ms} ms (${slowest}, of ${bySlowness.length}${besides})`,
    mark: `<= ${MOST_MS} ms`,
    meets: p99Ms <= MOST_MS,
    details: { ...measured, ...(leftOut && { leftOut }) },
  };
}

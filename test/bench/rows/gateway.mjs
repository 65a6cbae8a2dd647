import Anthropic from '@anthropic-ai/sdk';
import { request } from 'node:http';
import { performance } from 'node:perf_hooks';
import { startNyx } from '../nyx-process.mjs';
import { startOpponent } from '../opponents/child.mjs';
import { isBackground } from '../postgres-server.mjs';
import { median, rounded } from '../statistics.mjs';

const MODEL = 'claude-haiku-5-5';
const PROMPT = 'Name the capital of France.';
/** Models take at least this long to begin; at 0 the overhead stands alone. */
const FIRST_MS = [0, 100];

const bodyOf = (stream) => ({ user_prompt: PROMPT, max_tokens: 200, model: MODEL, stream });

/** Milliseconds to the first delta and to the end of one streamed answer of NYX. */
const streamed = ({ client }) =>
  new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const headers = { ...client.headers, 'content-type': 'application/json' };
    const url = new URL('/api/v1/llm/generate', client.baseUrl);
    const outgoing = request(url, { method: 'POST', agent: client.agent, headers }, (response) => {
      let firstMs;
      response.on('data', () => (firstMs ??= performance.now() - startedAt));
      response.on('error', reject);
      response.on('end', () => resolve({ firstMs, wholeMs: performance.now() - startedAt }));
    });
    outgoing.on('error', reject);
    outgoing.end(JSON.stringify(bodyOf(true)));
  });

const bareStreamed = async (sdk) => {
  const startedAt = performance.now();
  let firstMs;
  const body = { model: MODEL, max_tokens: 200, messages: [{ role: 'user', content: PROMPT }] };
  const stream = sdk.messages.stream(body);
  stream.on('text', () => (firstMs ??= performance.now() - startedAt));
  await stream.finalMessage();
  return { firstMs, wholeMs: performance.now() - startedAt };
};

const whole = async ({ client }) => {
  const startedAt = performance.now();
  const { status, text } = await client.send('POST', '/api/v1/llm/generate', bodyOf(false));
  if (status !== 200) throw new Error(`Generate answered ${status}: ${text.slice(0, 300)}`);
  return performance.now() - startedAt;
};

async function compare(nyx, sdk, firstMs, count) {
  const [ours, theirs, oursFirst, theirsFirst] = [[], [], [], []];
  for (let number = 0; number < count; number++) {
    ours.push(await whole(nyx));
    const bare = await bareStreamed(sdk);
    theirs.push(bare.wholeMs);
    theirsFirst.push(bare.firstMs);
    oursFirst.push((await streamed(nyx)).firstMs);
  }
  const ratio = median(ours.map((value, index) => value / theirs[index]));
  const later = median(oursFirst.map((value, index) => value - theirsFirst[index]));
  const who = firstMs === 0 ? 'a server that answers at once' : `a server that begins after ${firstMs} ms`;
  return [
    {
      figure: `POST /llm/generate against a bare SDK call, ${who}`,
      value: `${rounded(median(ours), 1)} ms : ${rounded(median(theirs), 1)} ms = ${rounded(ratio)} x`,
      mark: '<= 2 x',
      meets: ratio <= 2,
      details: { firstMs, nyxMs: ours, sdkMs: theirs },
    },
    {
      figure: `first delta later than the SDK's own, ${who}`,
      value: `${rounded(later, 1)} ms`,
      mark: '<= 10 ms',
      meets: later <= 10,
      details: { firstMs, nyxMs: oursFirst, sdkMs: theirsFirst },
    },
  ];
}

const nextTransaction = async (server) =>
  Number((await server.one('SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS id')).id);

async function commitsPerCall(server, nyx, count) {
  let used = 0;
  const statements = await server.observing(() =>
    server.observe(async () => {
      const before = await nextTransaction(server);
      for (let number = 0; number < count; number++) await whole(nyx);
      used = (await nextTransaction(server)) - before;
    }),
  );
  const background = statements.filter((text) => isBackground(text) && /^(WITH|INSERT|UPDATE|DELETE)\b/i.test(text));
  const perCall = rounded((used - background.length) / count);
  return {
    figure: 'write commits per POST /llm/generate',
    value: String(perCall),
    mark: '<= 3',
    meets: perCall <= 3,
    details: { calls: count, used, background: background.length },
  };
}

/** One NYX on a model server of the bench, whose calls are made in turns with the SDK's own. */
export default async function gateway({ server, quick }) {
  const messages = await startOpponent('messages');
  const nyx = await startNyx({
    databaseUrl: await server.createDatabase('gateway'),
    model: { apiKey: 'bench-key', baseUrl: messages.ready.url },
  });
  const sdk = new Anthropic({ apiKey: 'bench-key', authToken: null, baseURL: messages.ready.url, maxRetries: 0 });
  try {
    const rows = [];
    for (let number = 0; number < 20; number++) await Promise.all([whole(nyx), bareStreamed(sdk)]);
    for (const firstMs of FIRST_MS) {
      await messages.ask({ firstMs });
      rows.push(...(await compare(nyx, sdk, firstMs, quick ? 5 : 100)));
    }
    await messages.ask({ firstMs: 0 });
    return [...rows, await commitsPerCall(server, nyx, quick ? 10 : 100)];
  } finally {
    await nyx.stop();
    await messages.stop();
  }
}

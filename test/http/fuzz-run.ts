import { tmpdir } from 'node:os';
import { Decimal } from 'decimal.js';
import type { CreatedApiKey } from '../../src/auth/dto/api-key.dto.js';
import { DeclaredAnswers } from '../docs/declared-answers.js';
import type { ApiDocument } from '../docs/operations.js';
import { startApp } from '../support/app.js';
import { bearer, call, expectProblemShape } from './client.js';
import { type FuzzedRequest, fuzzedRequests } from './fuzz.js';
import { populate } from './populated.js';

/** The payloads are lower case: what is upper case SQL is ours. */
const LEAKS = /\\n\s+at \S+|node_modules|SELECT |INSERT INTO|UPDATE \w+ SET|QueryFailedError|ECONNREFUSED|relation \\"/;
/** Codes of a 5xx that tell of something that is away or has too much to do by design; a code that is not here is a defect. */
const AWAY = new Set(['SANDBOX_UNAVAILABLE', 'LLM_UNAVAILABLE', 'OVERLOADED']);
/** Said of a deadlock and of a statement that took too long, neither of which is by design. */
const HELD_UP = 'held up by others';
/** Nobody waits for a connection however slow the machine is: DATABASE_UNAVAILABLE is the fault of a request here. */
const POOL_SIZE = 30;
const ROUND = 500;
const AT_ONCE = 8;

/** Sends `count` requests made of `seed` to the real application; gives a line for each answer that may not be. */
export async function fuzz(document: ApiDocument, seed: number, count: number): Promise<string[]> {
  const tiny = new Decimal('0.001');
  const nyx = await startApp({
    budget: { workflowUsd: tiny, autonomousDailyUsd: tiny },
    database: { poolSize: POOL_SIZE },
  });
  try {
    const signedIn = bearer(await nyx.token('admin'));
    const body = { name: 'fuzz', role: 'admin' };
    const { key } = (await call<CreatedApiKey>(`${nyx.url}/api/v1/auth/api-keys`, { headers: signedIn, body })).body;
    const places = [process.cwd(), nyx.config.dataDir, tmpdir(), process.execPath];
    const declared = new DeclaredAnswers(document);
    const complaints: string[] = [];
    const requests = fuzzedRequests(document, seed, count);
    for (let from = 0; from < requests.length; from += ROUND) {
      const ids = await populate(nyx.url, signedIn);
      const round = requests.slice(from, from + ROUND);
      for (let next = 0; next < round.length; next += AT_ONCE) {
        const answers = await Promise.all(
          round
            .slice(next, next + AT_ONCE)
            .map((request) => complaint(nyx.url, filled(request, ids), { key, places, declared })),
        );
        complaints.push(...answers.filter((wrong) => wrong !== undefined));
      }
    }
    const health = await nyx.request('admin', 'GET', '/api/v1/system/health');
    if (health.status !== 200) complaints.push(`afterwards NYX is not healthy: ${await health.text()}`);
    if ('polluted' in {}) complaints.push('Object.prototype is polluted');
    return complaints;
  } finally {
    await nyx.close();
  }
}

const filled = (request: FuzzedRequest, ids: ReadonlyMap<string, string>): FuzzedRequest => {
  const fill = (text: string): string => text.replace(/<([\w-]+)>/g, (all, name: string) => ids.get(name) ?? all);
  return { ...request, address: fill(request.address), body: request.body && fill(request.body) };
};

async function complaint(
  url: string,
  { route, method, address, headers, body }: FuzzedRequest,
  {
    key,
    places,
    declared,
  }: { readonly key: string; readonly places: readonly string[]; readonly declared: DeclaredAnswers },
): Promise<string | undefined> {
  const asked = `${method} ${address.slice(0, 300)} ${JSON.stringify(headers)} ${(body ?? '').slice(0, 600)}`;
  try {
    const sent = method === 'GET' ? undefined : body;
    const answer = await call(`${url}${address}`, {
      method,
      headers: { ...headers, 'x-api-key': key },
      body: sent,
      beginningOfStream: true,
    });
    const code = (answer.body as { error_code?: string } | undefined)?.error_code ?? '';
    const at = `${asked}\n  => ${answer.status} ${answer.text.slice(0, 300)}`;
    if (answer.status >= 500 && (!AWAY.has(code) || answer.text.includes(HELD_UP))) return at;
    if (answer.status >= 500 && route.operation.responses[answer.status] === undefined) return `${at} (not documented)`;
    if (LEAKS.test(answer.text)) return `${at}\n  (leaks ${LEAKS.exec(answer.text)?.[0]})`;
    const place = places.find((folder) => answer.text.includes(folder));
    if (place !== undefined) return `${at}\n  (tells ${place})`;
    if (answer.status >= 400) expectProblemShape(answer);
    const isProblem = answer.status >= 400;
    const mistake = isProblem ? undefined : declared.mistake(method, address, answer.status, answer.body);
    return mistake === undefined ? undefined : `${at}\n  (${mistake})`;
  } catch (error) {
    return `${asked}\n  => ${error instanceof Error ? `${error.message} ${String(error.cause)}` : String(error)}`;
  }
}

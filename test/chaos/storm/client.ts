import { setTimeout as sleep } from 'node:timers/promises';
import type { DeclaredAnswers } from '../../docs/declared-answers.js';
import type { Replica } from './replica.js';
import { API_KEY, type Sea } from './sea.js';

/** As the proxy in `deploy/` does: who could not be reached is left out for that long. It does not so with who is silent; clients have to. */
const LEFT_OUT_MS = 5_000;
const PATIENCE_MS = 6_000;
/** Of who asks a model, which may be slow, more than once. */
const PATIENCE_WITH_MODEL_MS = 20_000;
const TRIES = 6;
const BUSY_PAUSE_MS = 300;
const BUSY_TRIES = 100;
/** Why a request could not be answered as it should be. */
export type Reason =
  'PostgreSQL was away' | 'PostgreSQL was away and nobody answered' | 'the disk was full' | 'the model failed';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body?: object | Buffer;
  /** For what would act twice if it were sent twice. */
  readonly key?: string;
  /** The answers that are right for it, with a body as they are declared. */
  readonly expected: readonly number[];
  /** Why this other answer, as it is declared, says nothing against NYX. */
  readonly excuse?: (code: string, fromMs: number) => Reason | undefined;
  readonly asksModel?: boolean;
}

export interface Answer {
  /** When the try began that brought it. */
  readonly triedAtMs: number;
  readonly status: number;
  /** Whether `body` is what came; otherwise it is empty. */
  readonly isJson: boolean;
  readonly body: {
    readonly error_code?: string;
    readonly workflow_id?: string;
    readonly id?: string;
    readonly next_fire_times?: readonly string[];
    readonly items?: readonly { readonly id: string; readonly workflow_id: string; readonly kind: string }[];
  };
}

interface Tries {
  readonly failures: string[];
  /** Nothing explains one of them. */
  hasStray: boolean;
}

/**
 * An integrator behind a proxy: a replica that is not reached, or hangs, is left out for a while and another one asked. An answer is
 * never asked for again, also when it is a 503.
 */
export class StormClient {
  asked = 0;
  readonly excused = new Map<Reason, number>();
  /** Of those alone that were asked while PostgreSQL was there: how long it stays away depends on the machine. */
  readonly beside = { asked: 0, excused: 0 };
  /** Answered with an excused 503 while PostgreSQL was there. */
  unavailable = 0;
  askedAgain = 0;
  /** Answered as declared, but before lost on the way to a replica that was well, on a PostgreSQL that was there. */
  readonly lost: string[] = [];
  /** Answered otherwise than declared, or not at all. */
  readonly wrong: string[] = [];
  private readonly leftOutUntil = new Map<string, number>();

  constructor(
    private readonly sea: Sea,
    private readonly declared: DeclaredAnswers,
    private readonly random: () => number,
  ) {}

  /** Counts the request, and whether it was answered as it should be. @returns undefined when it was not answered at all */
  async ask(asked: Asked): Promise<Answer | undefined> {
    this.asked += 1;
    const fromMs = performance.now();
    const isBeside = !this.sea.wasPostgresDown(fromMs, fromMs);
    if (isBeside) this.beside.asked += 1;
    const tries: Tries = { failures: [], hasStray: false };
    const answer = await this.anyAnswer(asked, tries);
    const mistake = answer && this.mistakeOf(asked, answer);
    const told = (why: string): string =>
      `${new Date().toISOString()} ${asked.method} ${asked.path} (${Math.round(performance.now() - fromMs)} ms) => ${why}`;
    if (mistake === undefined && answer && asked.expected.includes(answer.status)) {
      if (tries.hasStray) this.lost.push(told(tries.failures.join('; ')));
      return answer;
    }
    const reason = mistake === undefined ? this.reasonFor(asked, answer, fromMs) : undefined;
    if (reason !== undefined) {
      this.excused.set(reason, (this.excused.get(reason) ?? 0) + 1);
      if (isBeside) this.beside.excused += 1;
      if (answer?.status === 503 && reason !== 'PostgreSQL was away') this.unavailable += 1;
    } else {
      const said = answer && `${answer.status} ${JSON.stringify(answer.body).slice(0, 400)}`;
      this.wrong.push(told([said, mistake, ...tries.failures].filter((one) => one !== undefined).join('; ')));
    }
    return answer;
  }

  /** Those that count for the share. */
  get counted(): number {
    return this.asked - this.lost.length - [...this.excused.values()].reduce((sum, one) => sum + one, 0);
  }

  get share(): number {
    return 1 - this.wrong.length / this.counted;
  }

  /** Of all requests, whatever explains a failure: a 503 while PostgreSQL was there is one, and so is what nobody answered, or only another replica. */
  get strictShare(): number {
    const unanswered = this.excused.get('PostgreSQL was away and nobody answered') ?? 0;
    return 1 - (this.wrong.length + this.lost.length + this.unavailable + unanswered) / this.asked;
  }

  private reasonFor(asked: Asked, answer: Answer | undefined, fromMs: number): Reason | undefined {
    const code = answer?.body.error_code ?? '';
    if (this.sea.wasPostgresDown(answer?.triedAtMs ?? fromMs, performance.now())) {
      if (answer === undefined) return 'PostgreSQL was away and nobody answered';
      if (code === 'DATABASE_UNAVAILABLE') return 'PostgreSQL was away';
    }
    return answer && asked.excuse?.(code, fromMs);
  }

  private mistakeOf({ method, path }: Asked, { status, isJson, body }: Answer): string | undefined {
    return this.declared.mistake(method, path, status, isJson ? body : undefined);
  }

  private async anyAnswer(asked: Asked, tries: Tries): Promise<Answer | undefined> {
    for (let attempt = 0, busy = 0; attempt < TRIES && busy < BUSY_TRIES;) {
      const replica = this.someReplica();
      const { url } = replica;
      const triedAtMs = performance.now();
      try {
        const answer = await send(url, asked);
        // It was sent before, and whoever got it is at it.
        if (answer.status !== 409 || asked.key === undefined || attempt === 0) return answer;
        busy += 1;
        await sleep(BUSY_PAUSE_MS);
      } catch (error) {
        attempt += 1;
        const failure = `${url}: ${String((error as Error).cause ?? error)}`;
        const hadReason = replica.wasStruckSince(triedAtMs) || this.sea.wasPostgresDown(triedAtMs, performance.now());
        tries.failures.push(`${failure}${hadReason ? '' : ', of a replica that was well'}`);
        tries.hasStray ||= !hadReason;
        this.leftOutUntil.set(url, performance.now() + LEFT_OUT_MS);
        this.askedAgain += 1;
      }
    }
    return undefined;
  }

  private someReplica(): Replica {
    const { replicas } = this.sea;
    const now = performance.now();
    const good = replicas.filter(({ url }) => (this.leftOutUntil.get(url) ?? 0) <= now);
    const choice = good.length > 0 ? good : replicas;
    const chosen = choice[Math.floor(this.random() * choice.length)];
    if (chosen === undefined) throw new Error('There is no replica.');
    return chosen;
  }
}

async function send(url: string, { method, path, body, key, asksModel }: Asked): Promise<Answer> {
  const triedAtMs = performance.now();
  const isFile = Buffer.isBuffer(body);
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      'x-api-key': API_KEY,
      ...(body && { 'content-type': isFile ? 'application/octet-stream' : 'application/json' }),
      ...(path.endsWith('/execute') && { prefer: 'respond-async' }),
      ...(key !== undefined && { 'idempotency-key': key }),
    },
    body: isFile ? new Uint8Array(body) : body && JSON.stringify(body),
    signal: AbortSignal.timeout(asksModel === true ? PATIENCE_WITH_MODEL_MS : PATIENCE_MS),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true && text !== '';
  return { triedAtMs, status: response.status, isJson, body: (isJson ? JSON.parse(text) : {}) as Answer['body'] };
}

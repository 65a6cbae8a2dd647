import { setTimeout as sleep } from 'node:timers/promises';
import { Decimal } from 'decimal.js';
import pg from 'pg';
import type { Replica } from '../../src/system/replicas/replicas.dto.js';
import { createTestDatabase } from '../support/database.js';
import { startModelServer, type ModelServer } from '../support/model-server.js';
import { startNyxProcess, type NyxProcess } from '../support/process.js';

/** A gone process is taken over within seconds, on a busy machine later. */
export const RECOVERY_MS = 45_000;

const PASSWORD = 'the admin of this chaos';

export interface Workflow {
  workflow_id: string;
  status: string;
  success: boolean | null;
  cost_usd: number;
  result: { content: string; metadata: { error?: string; error_code?: string; agents: Record<string, number> } } | null;
}

interface CallRow {
  id: string;
  prompt_text: string;
  status: string;
}

/** One database, one model server, and NYX processes that come and go. */
export class Chaos {
  private readonly processes: NyxProcess[] = [];

  private constructor(
    private readonly databaseUrl: string,
    private readonly drop: () => Promise<void>,
    readonly model: ModelServer,
    readonly sql: pg.Pool,
  ) {}

  /** On a database of its own. */
  static async begin(): Promise<Chaos> {
    const database = await createTestDatabase();
    return Chaos.on(database.url, () => database.drop());
  }

  /** On a given database, which the processes migrate themselves if need be. */
  static async on(databaseUrl: string, drop = (): Promise<void> => Promise.resolve()): Promise<Chaos> {
    const sql = new pg.Pool({ connectionString: databaseUrl, max: 2 });
    sql.on('error', () => undefined);
    return new Chaos(databaseUrl, drop, await startModelServer(), sql);
  }

  /** @param release the folder of another one than that which was built here */
  async startNyx(env: Record<string, string> = {}, release?: string): Promise<NyxProcess> {
    const nyx = await startNyxProcess({
      release,
      env: {
        DATABASE_URL: this.databaseUrl,
        ANTHROPIC_API_KEY: 'a-key-of-the-test',
        ANTHROPIC_BASE_URL: this.model.url,
        NYX_ADMIN_PASSWORD: PASSWORD,
        JWT_SECRET: 'one secret for all replicas of this test',
        RATE_LIMIT_PER_MINUTE: '0',
        LOG_LEVEL: 'warn',
        ...env,
      },
    });
    this.processes.push(nyx);
    return nyx;
  }

  async kill(nyx: NyxProcess): Promise<void> {
    nyx.kill('SIGKILL');
    await nyx.exited;
  }

  /** `fetch` signed in as the admin; connection errors are thrown. */
  async fetch(
    nyx: NyxProcess,
    path: string,
    init: Omit<RequestInit, 'headers'> & { headers?: Record<string, string> } = {},
  ): Promise<Response> {
    const token = await this.token(nyx);
    return fetch(`${nyx.url}${path}`, {
      ...init,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...init.headers },
    });
  }

  async accept(
    nyx: NyxProcess,
    prompt: string,
    executionContext: object,
    headers: Record<string, string> = {},
  ): Promise<string> {
    const answer = await this.fetch(nyx, '/api/v1/orchestrator/workflows/execute', {
      method: 'POST',
      headers: { prefer: 'respond-async', ...headers },
      body: JSON.stringify({ input_type: 'user_prompt', content: { prompt }, execution_context: executionContext }),
    });
    if (answer.status !== 202) throw new Error(`execute answered ${answer.status}: ${await answer.text()}`);
    return ((await answer.json()) as Workflow).workflow_id;
  }

  async workflow(nyx: NyxProcess, id: string): Promise<Workflow> {
    const answer = await this.fetch(nyx, `/api/v1/orchestrator/workflows/${id}`);
    if (answer.status !== 200) throw new Error(`${id} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as Workflow;
  }

  /** The replicas that this one knows of. */
  async replicas(nyx: NyxProcess): Promise<Replica[]> {
    const answer = await this.fetch(nyx, '/api/v1/system/replicas');
    return ((await answer.json()) as { items: Replica[] }).items;
  }

  /** Waits by the database, which outlives every process. */
  async untilEnded(ids: readonly string[], timeoutMs = 60_000): Promise<void> {
    const deadlineMs = performance.now() + timeoutMs;
    for (;;) {
      const { rows } = await this.sql.query<{ left: number }>(
        `SELECT count(*)::int AS left FROM workflows WHERE id = ANY($1) AND completed_at IS NULL`,
        [ids],
      );
      if (rows[0]?.left === 0) return;
      if (performance.now() > deadlineMs)
        throw new Error(`${rows[0]?.left ?? '?'} of ${ids.length} workflows did not end: ${this.logs()}`);
      await sleep(50);
    }
  }

  /** Who runs it. */
  async executorOf(workflowId: string): Promise<string | null> {
    const { rows } = await this.sql.query<{ id: string | null }>(
      `SELECT executor_id AS id FROM durable.workflow_status WHERE workflow_uuid = $1 AND status = 'PENDING'`,
      [workflowId],
    );
    return rows[0]?.id ?? null;
  }

  async calls(workflowId: string): Promise<CallRow[]> {
    const { rows } = await this.sql.query<CallRow>(
      'SELECT id, prompt_text, status FROM llm_interactions WHERE workflow_id = $1',
      [workflowId],
    );
    return rows;
  }

  /** How often the model server was asked with exactly this prompt. */
  timesAsked(prompt: string): number {
    return this.model.requests.filter((request) => request.prompt === prompt).length;
  }

  /** What the model server charged for the last finished answer to each prompt: what NYX has to have booked. */
  chargedOnce(): number {
    return this.model
      .byPrompt()
      .reduce((sum, { lastCostUsd }) => sum.plus(lastCostUsd), new Decimal(0))
      .toNumber();
  }

  /** Throws unless tree, events, calls and ledger of an ended workflow agree with each other and with the model server. */
  async expectConsistent(workflowId: string): Promise<void> {
    const events = await this.sql.query<{ seq: string; type: string }>(
      'SELECT seq, type FROM workflow_events WHERE workflow_id = $1 ORDER BY seq',
      [workflowId],
    );
    expect(events.rows.map(({ seq }) => Number(seq))).toEqual(events.rows.map((_, index) => index + 1));
    expect(events.rows.filter(({ type }) => /^workflow\.(completed|failed|cancelled)$/.test(type))).toEqual([
      events.rows.at(-1),
    ]);
    const open = await this.sql.query<{ what: string }>(
      `SELECT 'thought' AS what FROM thought_trees WHERE root_id = $1 AND status IN ('pending', 'in_progress')
       UNION ALL SELECT 'agent' FROM agents a JOIN thought_trees t ON t.id = a.thought_tree_id
                  WHERE t.root_id = $1 AND a.status NOT IN ('completed', 'failed', 'terminated')
       UNION ALL SELECT 'orchestrator' FROM orchestrators o WHERE o.thought_tree_id = $1 AND o.completed_at IS NULL
       UNION ALL SELECT 'call' FROM llm_interactions WHERE workflow_id = $1 AND status = 'sent'
       UNION ALL SELECT 'reservation' FROM budget_ledger l JOIN llm_interactions i ON i.id = l.interaction_id
                  WHERE i.workflow_id = $1 AND l.status = 'reserved'`,
      [workflowId],
    );
    expect(open.rows).toEqual([]);
    const { rows } = await this.sql.query<
      Record<'spent' | 'reserved' | 'in_doubt' | 'settled' | 'doubted' | 'calls', string>
    >(
      `SELECT b.spent_usd AS spent, b.reserved_usd AS reserved, b.in_doubt_usd AS in_doubt,
              (SELECT coalesce(sum(cost_usd), 0) FROM llm_interactions WHERE workflow_id = $1 AND status = 'succeeded') AS calls,
              coalesce(sum(l.actual_usd) FILTER (WHERE l.status = 'settled'), 0) AS settled,
              coalesce(sum(l.reserved_usd) FILTER (WHERE l.status = 'in_doubt'), 0) AS doubted
         FROM budget_scopes b
         LEFT JOIN llm_interactions i ON i.workflow_id = $1
         LEFT JOIN budget_ledger l ON l.interaction_id = i.id
        WHERE b.kind = 'workflow' AND b.key = $1::text GROUP BY b.id`,
      [workflowId],
    );
    const [ledger] = rows;
    expect(Number(ledger?.reserved)).toBe(0);
    expect(new Decimal(ledger?.spent ?? -1).toFixed()).toBe(new Decimal(ledger?.settled ?? -2).toFixed());
    expect(new Decimal(ledger?.calls ?? -1).toFixed()).toBe(new Decimal(ledger?.settled ?? -2).toFixed());
    expect(new Decimal(ledger?.in_doubt ?? -1).toFixed()).toBe(new Decimal(ledger?.doubted ?? -2).toFixed());
  }

  logs(): string {
    return this.processes
      .map((nyx) => `\n--- ${nyx.pid}\n${nyx.stdout().slice(-3_000)}\n${nyx.stderr().slice(-3_000)}`)
      .join('');
  }

  async end(): Promise<void> {
    for (const nyx of this.processes) nyx.kill('SIGKILL');
    await Promise.all(this.processes.map(({ exited }) => exited));
    await this.sql.end();
    await this.model.close();
    await this.drop();
  }

  private readonly tokens = new Map<number, Promise<string>>();

  private token(nyx: NyxProcess): Promise<string> {
    const known = this.tokens.get(nyx.pid) ?? this.login(nyx);
    this.tokens.set(nyx.pid, known);
    return known;
  }

  private async login(nyx: NyxProcess): Promise<string> {
    const answer = await fetch(`${nyx.url}/api/v1/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'admin', password: PASSWORD }),
    });
    if (!answer.ok) throw new Error(`The admin could not sign in: ${answer.status} ${await answer.text()}`);
    return ((await answer.json()) as { access_token: string }).access_token;
  }
}

/** Reproducible choices: the same seed makes the same run. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

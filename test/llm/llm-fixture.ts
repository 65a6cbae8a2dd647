import { Decimal } from 'decimal.js';
import { DataSource } from 'typeorm';
import { AppConfig } from '../../src/config/app-config.js';
import { configOf } from '../../src/config/load-config.js';
import { RuntimeSettings } from '../../src/settings/runtime-settings.js';
import { Notifications } from '../../src/database/notifications.service.js';
import { Database } from '../../src/database/database.service.js';
import { ExecutorIdentity } from '../../src/database/executor-identity.js';
import { newId } from '../../src/database/ids.js';
import { EventLog } from '../../src/events/event-log.js';
import { workflowScope, type ScopeBalance, type ScopeRef } from '../../src/llm/budget/budget.rules.js';
import { BudgetService } from '../../src/llm/budget/budget.service.js';
import { Reservations } from '../../src/llm/budget/reservations.service.js';
import { CallAdmission } from '../../src/llm/call-admission.js';
import { CallPlanner } from '../../src/llm/call-planner.js';
import { CallReservations } from '../../src/llm/call-reservations.js';
import { CallSender } from '../../src/llm/call-sender.js';
import { Metrics } from '../../src/telemetry/metrics.js';
import { Tracing } from '../../src/telemetry/tracing.js';
import { CallTelemetry } from '../../src/llm/call-telemetry.js';
import { CallSettlement } from '../../src/llm/call-settlement.js';
import { EmergencyStop } from '../../src/llm/guards/emergency-stop.js';
import { CircuitBreakers } from '../../src/llm/guards/circuit-breakers.js';
import { LlmGateway } from '../../src/llm/gateway.js';
import { InteractionLog } from '../../src/llm/interactions/interaction-log.js';
import type { LlmCall } from '../../src/llm/llm-call.js';
import { ModelCatalog } from '../../src/llm/model-catalog.js';
import { AnthropicProvider } from '../../src/llm/providers/anthropic/anthropic.provider.js';
import { OfflineProvider } from '../../src/llm/providers/offline/offline.provider.js';
import type { LlmProvider } from '../../src/llm/providers/provider.js';
import { createTestDatabase } from '../support/database.js';
import { startModelServer, type ModelServer } from '../support/model-server.js';

const DAILY_USD = new Decimal(50);

/** The llm room on a database of its own, without the app around it. */
export class LlmFixture {
  readonly database: Database;
  readonly executor = new ExecutorIdentity();
  readonly budget: BudgetService;
  readonly settings: RuntimeSettings;
  readonly events: EventLog;
  readonly config: AppConfig;

  private constructor(
    private readonly testDatabase: { readonly url: string; drop(): Promise<void> },
    private readonly source: DataSource,
    dailyUsd: Decimal,
    llm: Partial<AppConfig['llm']>,
  ) {
    this.database = new Database(source);
    const defaults = configOf({ NODE_ENV: 'test' }, '.');
    this.config = Object.assign(new AppConfig(), defaults, {
      llm: { ...defaults.llm, timeoutSeconds: 5, breakerFailures: 1000, ...llm },
      budget: { ...defaults.budget, dailyUsd },
    });
    this.settings = new RuntimeSettings(this.config, this.database, new Notifications(this.database, source));
    this.events = new EventLog(this.database);
    this.budget = new BudgetService(this.config, this.events);
  }

  static async start(dailyUsd = DAILY_USD, llm: Partial<AppConfig['llm']> = {}): Promise<LlmFixture> {
    const testDatabase = await createTestDatabase();
    const source = new DataSource({ type: 'postgres', url: testDatabase.url, extra: { max: 20 } });
    return new LlmFixture(testDatabase, await source.initialize(), dailyUsd, llm);
  }

  async disconnect(): Promise<void> {
    if (this.source.isInitialized) await this.source.destroy();
  }

  async close(): Promise<void> {
    await this.disconnect();
    await this.testDatabase.drop();
  }

  get url(): string {
    return this.testDatabase.url;
  }

  /** A gateway to the model server, or the offline one. Each has an executor of its own when asked. */
  gateway(server?: Pick<ModelServer, 'url'>, executor = this.executor): LlmGateway {
    const provider = server
      ? new AnthropicProvider({ apiKey: 'test-key', baseUrl: server.url })
      : new OfflineProvider();
    const { reservations, settlement } = this.transactions(provider, executor);
    const breakers = new CircuitBreakers(this.config);
    const stop = new EmergencyStop(this.settings);
    return new LlmGateway(
      new CallPlanner(this.config, this.settings, new ModelCatalog(), provider),
      stop,
      new CallAdmission(this.config, stop, breakers),
      reservations,
      new CallSender(this.config, provider, breakers, stop),
      settlement,
    );
  }

  /** The two transactions of a call, as the process of that executor runs them. */
  transactions(provider: LlmProvider, executor: ExecutorIdentity) {
    const log = new InteractionLog();
    const telemetry = new CallTelemetry(new Metrics(), new Tracing(this.config));
    return {
      reservations: new CallReservations(this.database, this.budget, log, provider, executor, telemetry),
      settlement: new CallSettlement(this.database, this.budget, log, telemetry),
      releases: new Reservations(this.database, this.budget, log),
    };
  }

  /** A workflow row with an open budget scope. */
  async workflow(limitUsd: Decimal.Value = 5): Promise<string> {
    const id = newId();
    await this.database.query(
      `INSERT INTO workflows (id, principal_id, input_type, content, goal, max_cost_usd)
       VALUES ($1, 'deployment', 'user_prompt', '{}', 'test', 5)`,
      [id],
    );
    await this.budget.ensureScope(this.database, workflowScope(id), new Decimal(limitUsd));
    await this.database.transaction((tx) => this.events.begin(tx, id, 'deployment', []));
    return id;
  }

  callFor(workflowId: string | undefined, more: Partial<LlmCall> = {}): LlmCall {
    return {
      purpose: 'test',
      prompt: 'Name the capital of France.',
      maxTokens: 200,
      attribution: { principalId: 'deployment', workflowId },
      budget: { workflowIds: workflowId === undefined ? [] : [workflowId] },
      ...more,
    };
  }

  /** @returns the scope that refused */
  async reserve(
    scopes: readonly ScopeRef[],
    usd: Decimal.Value,
    interactionId = newId(),
    executorId = this.executor.id,
  ): Promise<ScopeBalance | undefined> {
    const request = { interactionId, scopes, amountUsd: new Decimal(usd), executorId };
    const refusal = await this.database.transaction((tx) => this.budget.reserve(tx, request));
    if (refusal !== undefined && !('refusedBy' in refusal)) throw new Error('Model calls are switched off.');
    return refusal?.refusedBy;
  }

  settle(interactionId: string, usd: Decimal.Value): Promise<void> {
    return this.database.transaction((tx) => this.budget.settle(tx, interactionId, new Decimal(usd)));
  }

  void(interactionId: string): Promise<void> {
    return this.database.transaction((tx) => this.budget.void(tx, interactionId));
  }

  doubt(interactionId: string): Promise<void> {
    return this.database.transaction((tx) => this.budget.markInDoubt(tx, interactionId));
  }

  /** As `PUT /system/config/{key}` writes it; undefined takes the row away. */
  async configure(key: string, value: unknown): Promise<void> {
    await this.database.query('DELETE FROM system_config WHERE config_key = $1', [key]);
    if (value === undefined) return;
    await this.database.query(
      `INSERT INTO system_config (id, config_key, config_value, config_type) VALUES ($1, $2, $3::jsonb, 'limit')`,
      [newId(), key, JSON.stringify(value)],
    );
  }

  async interactions(): Promise<InteractionRow[]> {
    return this.database.query<InteractionRow>(
      'SELECT * FROM llm_interactions ORDER BY request_timestamp, retry_count',
    );
  }

  async ledger(): Promise<LedgerRow[]> {
    return this.database.query<LedgerRow>('SELECT * FROM budget_ledger ORDER BY reserved_at');
  }

  async scope(kind: string, key?: string): Promise<ScopeRow> {
    const [row] = await this.database.query<ScopeRow>(
      'SELECT * FROM budget_scopes WHERE kind = $1 AND ($2::text IS NULL OR key = $2)',
      [kind, key ?? null],
    );
    if (row === undefined) throw new Error(`no scope ${kind} ${key ?? ''}`);
    return row;
  }

  /** Scopes whose balances are not the sums of their ledger entries. */
  async inconsistentScopes(): Promise<unknown[]> {
    return this.database.query(
      `SELECT s.kind, s.key, s.spent_usd, s.reserved_usd, s.in_doubt_usd FROM budget_scopes s
       LEFT JOIN LATERAL (
         SELECT coalesce(sum(actual_usd) FILTER (WHERE status = 'settled'), 0) AS spent,
                coalesce(sum(reserved_usd) FILTER (WHERE status = 'reserved'), 0) AS reserved,
                coalesce(sum(reserved_usd) FILTER (WHERE status = 'in_doubt'), 0) AS in_doubt
         FROM budget_ledger WHERE s.id = ANY(scope_ids)
       ) sums ON true
       WHERE (s.spent_usd, s.reserved_usd, s.in_doubt_usd) <> (sums.spent, sums.reserved, sums.in_doubt)`,
    );
  }

  async clear(): Promise<void> {
    await this.database.query(
      'TRUNCATE llm_interactions, budget_ledger, budget_scopes, workflows, system_config, event_streams, workflow_events CASCADE',
    );
  }
}

export interface InteractionRow {
  readonly id: string;
  readonly status: string;
  readonly success: boolean | null;
  readonly error_code: string | null;
  readonly error_message: string | null;
  readonly cost_usd: string | null;
  readonly retry_count: number;
  readonly token_count_input: number | null;
  readonly token_count_output: number | null;
  readonly response_text: string | null;
  readonly response: unknown;
  readonly stop_reason: string | null;
  readonly latency_ms: number | null;
  readonly step_key: string | null;
  readonly workflow_id: string | null;
  readonly provider_request_id: string | null;
  readonly uses_prompt_caching: boolean;
}

export interface LedgerRow {
  readonly interaction_id: string;
  readonly scope_ids: string[];
  readonly status: string;
  readonly reserved_usd: string;
  readonly actual_usd: string | null;
  readonly executor_id: string;
}

export interface ScopeRow {
  readonly id: string;
  readonly key: string;
  readonly limit_usd: string | null;
  readonly own_limit_usd: string | null;
  readonly warned_at: Date | null;
  readonly spent_usd: string;
  readonly reserved_usd: string;
  readonly in_doubt_usd: string;
}

export { startModelServer, type ModelServer };

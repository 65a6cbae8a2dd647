import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import pg from 'pg';
import { ExecutorIdentity } from '../../src/database/executor-identity.js';
import { Problem } from '../../src/http/problem.js';
import { scopesOf } from '../../src/llm/budget/budget.rules.js';
import type { CallPlan } from '../../src/llm/call-plan.js';
import type { LlmAnswer, LlmCall } from '../../src/llm/llm-call.js';
import { FREE } from '../../src/llm/pricing.rules.js';
import { OfflineProvider } from '../../src/llm/providers/offline/offline.provider.js';
import { ProviderFailure } from '../../src/llm/providers/provider.js';
import { until } from '../support/until.js';
import { watchLedger } from './ledger-watch.js';
import { LlmFixture } from './llm-fixture.js';

interface Reserve {
  readonly kind: 'reserve';
  /** 0: none; 1 and 2: one below the root; 3: the root itself. */
  readonly workflow: number;
  readonly session: number | undefined;
  readonly principal: number;
  readonly isAutonomous: boolean;
  readonly process: number;
  readonly cents: number;
}
type Step =
  | Reserve
  | { readonly kind: 'settle'; readonly nth: number; readonly percent: number; readonly isWithRows: boolean }
  | { readonly kind: 'void' | 'doubt' | 'release'; readonly nth: number }
  | { readonly kind: 'crash'; readonly process: number };

interface Taken {
  readonly id: string;
  readonly plan: CallPlan;
  readonly process: number;
}

const nth = fc.nat(30);
const reserveStep = fc.record({
  kind: fc.constant('reserve' as const),
  workflow: fc.nat(3),
  session: fc.option(fc.nat(1), { nil: undefined }),
  principal: fc.nat(1),
  isAutonomous: fc.boolean(),
  process: fc.nat(2),
  cents: fc.integer({ min: 0, max: 30 }),
});
const steps = fc.array(
  fc.oneof(
    { weight: 10, arbitrary: reserveStep },
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('settle' as const),
        nth,
        percent: fc.oneof(fc.integer({ min: 0, max: 100 }), fc.constant(100), fc.integer({ min: 100, max: 180 })),
        isWithRows: fc.boolean(),
      }),
    },
    { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('void' as const, 'doubt' as const), nth }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('release' as const), nth }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const), process: fc.nat(2) }) },
  ),
  { minLength: 10, maxLength: 60 },
);

/** USD; null: none, undefined: what the process was started with. */
const limit = fc.option(fc.option(fc.integer({ min: 5, max: 200 }).map((cents) => cents / 100)), { nil: undefined });
const limits = fc.record({
  session: limit,
  principal_day: limit,
  autonomous_day: limit,
  system_day: limit,
  system_month: limit,
});

const PAIRS = new Set(
  'sent reserved,succeeded settled,failed voided,failed settled,failed released,in_doubt in_doubt'.split(','),
);

/** One run: three processes on one database, and the calls that they make. */
class Room {
  private readonly taken: Taken[] = [];
  private readonly processes;

  constructor(
    private readonly fixture: LlmFixture,
    /** [root, its first child, its second child] */
    private readonly workflows: readonly string[],
  ) {
    this.processes = [0, 1, 2].map(() => {
      const executor = new ExecutorIdentity();
      return { executor, ...fixture.transactions(new OfflineProvider(), executor) };
    });
  }

  async run(step: Step): Promise<void> {
    if (step.kind === 'reserve') return this.reserve(step);
    if (step.kind === 'crash') {
      const { executor, reservations } = this.process(step.process);
      await reservations.recover(executor.id);
      return;
    }
    const entry = this.taken[step.nth % Math.max(1, this.taken.length)];
    if (entry === undefined) return;
    const { settlement, releases } = this.process(entry.process);
    if (step.kind === 'settle') await this.settle(entry, step.percent, step.isWithRows);
    else if (step.kind === 'release') await releases.release(entry.id, 'admin').catch(unlessItIsAProblem);
    else {
      const failure = new ProviderFailure('It failed.', step.kind === 'void' ? 'nothing' : 'unknown');
      await settlement.fail(entry.plan, entry.id, failure, 'LLM_UPSTREAM', 1);
    }
  }

  private async reserve(step: Reserve): Promise<void> {
    const { reservations } = this.process(step.process);
    const plan = this.planFor(step);
    const reserved = await reservations.open(plan, [], 0).catch(unlessItIsAProblem);
    if (reserved !== undefined && 'interactionId' in reserved) {
      this.taken.push({ id: reserved.interactionId, plan, process: step.process });
    }
  }

  private async settle({ id, plan, process }: Taken, percent: number, isWithRows: boolean): Promise<void> {
    const [workflowId] = plan.call.budget.workflowIds;
    const commit: LlmCall['commit'] = (tx) => {
      if (workflowId === undefined) return;
      this.fixture.events.append(tx, workflowId, [{ type: 'thought.started', data: { thought_id: workflowId } }]);
    };
    const settling = isWithRows ? { ...plan, call: { ...plan.call, commit } } : plan;
    const costUsd = plan.boundUsd.times(percent).div(100);
    await this.process(process).settlement.settle(settling, answerOf(id, costUsd), undefined);
  }

  private planFor({ workflow, session, principal, isAutonomous, cents }: Reserve): CallPlan {
    const [root = '', ...children] = this.workflows;
    const child = children[workflow - 1];
    const workflowIds = workflow === 0 ? [] : child === undefined ? [root] : [child, root];
    const call: LlmCall = {
      purpose: 'test',
      prompt: 'Hello?',
      attribution: {
        principalId: `p${principal}`,
        workflowId: workflowIds[0],
        sessionId: session === undefined ? undefined : `s${session}`,
      },
      budget: { workflowIds, isAutonomous },
    };
    return {
      call,
      provider: 'offline',
      request: { prompt: call.prompt, model: 'claude-haiku-5-5', maxTokens: 1, cache: {} },
      price: FREE,
      scopes: scopesOf(call),
      boundUsd: new Decimal(cents).div(100),
      maxAttempts: 1,
      timeoutMs: 1000,
      queueTimeoutMs: 1000,
      warnings: [],
    };
  }

  private process(index: number) {
    const process = this.processes[index];
    if (process === undefined) throw new Error(`no process ${index}`);
    return process;
  }
}

function unlessItIsAProblem(error: unknown): undefined {
  if (!(error instanceof Problem)) throw error;
}

const answerOf = (interactionId: string, costUsd: Decimal): LlmAnswer => ({
  interactionId,
  text: 'Hello.',
  content: 'Hello.',
  toolCalls: [],
  model: 'claude-haiku-5-5',
  provider: 'offline',
  stopReason: 'end_turn',
  usage: { inputTokens: 1, outputTokens: 1, cacheCreationInputTokens: 0, cacheReadInputTokens: 0 },
  costUsd,
  costWithoutCacheUsd: costUsd,
  latencyMs: 1,
  cached: false,
  warnings: [],
  retryCount: 0,
});

async function expectSumsToAgree(fixture: LlmFixture): Promise<void> {
  const calls = await fixture.database.query<{ pair: string }>(
    `SELECT i.status || ' ' || l.status AS pair FROM llm_interactions i FULL JOIN budget_ledger l ON l.interaction_id = i.id`,
  );
  expect(calls.filter(({ pair }) => !PAIRS.has(pair))).toEqual([]);
  const [sums] = await fixture.database.query<{ ledger: string; interactions: string }>(
    `SELECT (SELECT coalesce(sum(actual_usd), 0) FROM budget_ledger WHERE status = 'settled') AS ledger,
            (SELECT coalesce(sum(cost_usd), 0) FROM llm_interactions) AS interactions`,
  );
  expect(new Decimal(sums?.ledger ?? -1).eq(sums?.interactions ?? -2)).toBe(true);
}

it('keeps every limit at every moment, and balances, ledger and interactions the same, over any interleaving', async () => {
  const fixture = await LlmFixture.start(new Decimal(1));
  const other = new pg.Client(fixture.url);
  await other.connect();
  const deadlocks = async (): Promise<unknown> =>
    (await other.query('SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()')).rows[0];
  try {
    const before = await deadlocks();
    await fc.assert(
      fc.asyncProperty(steps, limits, fc.integer({ min: 2, max: 12 }), async (all, configured, atOnce) => {
        await fixture.clear();
        for (const [kind, usd] of Object.entries(configured)) await fixture.configure(`budget_${kind}_usd`, usd);
        const workflows = await Promise.all(['0.9', '0.5', '0.4'].map((usd) => fixture.workflow(usd)));
        const room = new Room(fixture, workflows);
        const watch = await watchLedger(fixture.url);
        try {
          for (let at = 0; at < all.length; at += atOnce) {
            await Promise.all(all.slice(at, at + atOnce).map((step) => room.run(step)));
          }
        } finally {
          expect(await watch.stop()).toEqual([]);
        }
        await expectSumsToAgree(fixture);
      }),
      { numRuns: 40, endOnFailure: true },
    );
    await fixture.disconnect();
    await until('all connections are gone, and have counted', async () => {
      const { rows } = await other.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'`,
      );
      return rows.length === 1;
    });
    expect(await deadlocks()).toEqual(before);
  } finally {
    await other.end();
    await fixture.close();
  }
}, 240_000);

import { Decimal } from 'decimal.js';
import pg from 'pg';
import { newId } from '../../src/database/ids.js';
import type { Transaction } from '../../src/database/sql.js';
import {
  principalScope,
  scopesOf,
  sessionScope,
  SYSTEM_DAY,
  SYSTEM_MONTH,
  workflowScope,
  type ScopeRef,
} from '../../src/llm/budget/budget.rules.js';
import { CallsDisabled } from '../../src/llm/problems.js';
import { OfflineProvider } from '../../src/llm/providers/offline/offline.provider.js';
import { LlmFixture } from './llm-fixture.js';

let fixture: LlmFixture;

beforeAll(async () => {
  fixture = await LlmFixture.start(new Decimal(1));
});
afterAll(() => fixture.close());
beforeEach(() => fixture.clear());

const PRINCIPAL = principalScope('p');
const SESSION = sessionScope('p', 's');

/** What a reservation of this much is refused by, as `kind remaining`. */
const refusalOf = async (scopes: readonly ScopeRef[], usd: Decimal.Value): Promise<string | undefined> => {
  const refused = await fixture.reserve(scopes, usd);
  return refused && `${refused.kind} ${refused.limitUsd?.toFixed() ?? ''}`;
};
const setOwnLimit = (kind: string, usd: string | null) =>
  fixture.database.query('UPDATE budget_scopes SET own_limit_usd = $2, warned_at = NULL WHERE kind = $1', [kind, usd]);

describe('the limit of a kind', () => {
  it.each([
    ['system_day', SYSTEM_DAY],
    ['system_month', SYSTEM_MONTH],
    ['principal_day', PRINCIPAL],
    ['session', SESSION],
    ['autonomous_day', { kind: 'autonomous_day', key: '' }],
  ] as const)('%s is what the runtime configuration says, from the next reservation on', async (kind, scope) => {
    await fixture.configure(`budget_${kind}_usd`, 0.5);
    expect(await refusalOf([scope], '0.4')).toBeUndefined();
    await fixture.configure(`budget_${kind}_usd`, 0.3);
    expect(await refusalOf([scope], '0.0000000001')).toBe(`${kind} 0.3`);
    await fixture.configure(`budget_${kind}_usd`, 0.6);
    expect(await refusalOf([scope], '0.2')).toBeUndefined();
    await fixture.configure(`budget_${kind}_usd`, null);
    expect(await refusalOf([scope], '1000')).toBeUndefined();
  });

  it('is the one that the process was started with while nothing is configured', async () => {
    expect(await refusalOf([SYSTEM_DAY], '1.01')).toBe('system_day 1');
    expect(await refusalOf([{ kind: 'autonomous_day', key: '' }], '5.01')).toBe('autonomous_day 5');
    expect(await refusalOf([SESSION, PRINCIPAL, SYSTEM_MONTH], '1000')).toBeUndefined();
  });

  it('counts what was spent while there was none', async () => {
    const id = newId();
    await fixture.reserve([PRINCIPAL, SYSTEM_MONTH], '0.7', id);
    await fixture.settle(id, '0.7');
    await fixture.configure('budget_principal_day_usd', 0.8);
    expect((await fixture.reserve([PRINCIPAL, SYSTEM_MONTH], '0.2'))?.spentUsd.toFixed()).toBe('0.7');
  });

  it.each([['"5"'], ['true'], ['{}']])('is not changed by a value that is none: %s', async (text) => {
    await fixture.configure('budget_system_day_usd', JSON.parse(text));
    expect(await refusalOf([SYSTEM_DAY], '1.01')).toBe('system_day 1');
  });

  it.each([
    [-1, 'system_day 0'],
    [1e30, 'system_day 9999999999'],
  ])('stays within what the database can hold: %d', async (usd, refused) => {
    await fixture.configure('budget_system_day_usd', usd);
    expect(await refusalOf([SYSTEM_DAY], '9999999999.5')).toBe(refused);
  });

  it('gives way to the scope’s own, which a workflow may have too', async () => {
    const workflow = await fixture.workflow('0.5');
    await refusalOf([workflowScope(workflow), SYSTEM_DAY], '0.1');
    await setOwnLimit('system_day', '0.2');
    expect(await refusalOf([SYSTEM_DAY], '0.11')).toBe('system_day 0.2');
    await setOwnLimit('system_day', null);
    await setOwnLimit('workflow', '0.6');
    expect(await refusalOf([workflowScope(workflow), SYSTEM_DAY], '0.5')).toBeUndefined();
    await setOwnLimit('workflow', null);
    expect(await refusalOf([workflowScope(workflow), SYSTEM_DAY], '0.1')).toBe('workflow 0.5');
  });
});

it('nothing is reserved or opened while model calls are switched off', async () => {
  await fixture.configure('llm_enabled', false);
  const call = fixture.callFor(undefined);
  const plan = {
    call,
    provider: 'offline',
    request: { prompt: call.prompt, model: 'claude-haiku-5-5', maxTokens: 1, cache: {} },
    price: [] as never,
    scopes: scopesOf(call),
    boundUsd: new Decimal('0.1'),
    maxAttempts: 1,
    timeoutMs: 1000,
    queueTimeoutMs: 1000,
    warnings: [],
  };
  const { reservations } = fixture.transactions(new OfflineProvider(), fixture.executor);
  await expect(reservations.open(plan, [], 0)).rejects.toThrow(CallsDisabled);
  await expect(reservations.open({ ...plan, boundUsd: new Decimal(0) }, [], 0)).rejects.toThrow(CallsDisabled);
  expect(await fixture.ledger()).toEqual([]);
  expect(await fixture.interactions()).toEqual([]);
  expect(await fixture.database.query('SELECT id FROM budget_scopes')).toEqual([]);
  await fixture.configure('llm_enabled', true);
  expect(await reservations.open(plan, [], 0)).toHaveProperty('interactionId');
});

it('a call holds no balance while it opens another: who locks them in order goes past it', async () => {
  await fixture.reserve([SYSTEM_DAY], '0.01');
  const reserve = (tx: Transaction) =>
    fixture.budget.reserve(tx, {
      interactionId: newId(),
      scopes: [PRINCIPAL, SYSTEM_DAY],
      amountUsd: new Decimal('0.01'),
      executorId: 'executor',
    });
  let overtaken = 0;
  await fixture.database.transaction((tx) =>
    reserve({
      client: tx.client,
      send: tx.send.bind(tx),
      nested: tx.nested.bind(tx),
      query: async <Row>(text: string, values?: readonly unknown[]): Promise<Row[]> => {
        if (text.trimStart().startsWith('INSERT')) {
          await fixture.reserve([PRINCIPAL], '0.01');
          await fixture.database.transaction(async (other) => {
            await other.query(`SET LOCAL lock_timeout = '3s'`);
            expect(await reserve(other)).toBeUndefined();
          });
          overtaken += 1;
        }
        return tx.query<Row>(text, values);
      },
    }),
  );
  expect(overtaken).toBe(1);
  expect(await fixture.scope('system_day')).toMatchObject({ reserved_usd: '0.0300000000' });
  expect(await fixture.inconsistentScopes()).toEqual([]);
});

it('first calls of new scopes at once all get through', async () => {
  for (let round = 0; round < 12; round += 1) {
    const calls = Array.from({ length: 18 }, (_, index) =>
      fixture.reserve(
        scopesOf({
          attribution: { principalId: `p${round}-${index % 3}`, sessionId: `s${index % 2}` },
          budget: { workflowIds: [] },
        }),
        '0.0001',
      ),
    );
    expect((await Promise.allSettled(calls)).filter(({ status }) => status === 'rejected')).toEqual([]);
  }
});

describe('the warning at 80 %', () => {
  interface Warning {
    readonly scope: string;
    readonly used_percentage: number;
  }

  const warnings = async (workflowId: string): Promise<Warning[]> =>
    (await fixture.events.read(workflowId, 0, 100))
      .filter(({ type }) => type === 'budget.warning')
      .map(({ data }) => data as unknown as Warning);

  /** A call of the workflow that is on its way. */
  const send = async (workflowId: string | undefined, usd: string): Promise<string> => {
    const id = newId();
    await fixture.database.query(
      `INSERT INTO llm_interactions (id, workflow_id, purpose, provider, model, status, prompt_text)
       VALUES ($1, $2, 'test', 'offline', 'm', 'sent', '')`,
      [id, workflowId ?? null],
    );
    const scopes = workflowId === undefined ? [] : [workflowScope(workflowId)];
    expect(await fixture.reserve([...scopes, SYSTEM_DAY], usd, id)).toBeUndefined();
    return id;
  };
  const pay = async (workflowId: string | undefined, usd: string): Promise<void> =>
    fixture.settle(await send(workflowId, usd), usd);

  it('is an event of the workflow, once, with what it takes to understand it', async () => {
    const workflow = await fixture.workflow('0.10');
    await pay(workflow, '0.079');
    expect(await warnings(workflow)).toEqual([]);
    await pay(workflow, '0.001');
    await pay(workflow, '0.01');
    expect(await warnings(workflow)).toEqual([
      { scope: 'workflow', key: workflow, limit_usd: 0.1, used_usd: 0.08, used_percentage: 80 },
    ]);
  });

  it('is also of the day, for the workflow that passed it', async () => {
    const [one, other] = [await fixture.workflow(5), await fixture.workflow(5)];
    await pay(one, '0.5');
    await pay(other, '0.3');
    await pay(one, '0.1');
    expect(await warnings(one)).toEqual([]);
    expect(await warnings(other)).toMatchObject([{ scope: 'system_day', key: '', used_percentage: 80 }]);
  });

  it('comes again when a raised limit is passed again', async () => {
    const workflow = await fixture.workflow(5);
    await pay(workflow, '0.8');
    await fixture.configure('budget_system_day_usd', 2);
    await pay(workflow, '0.1');
    expect(await warnings(workflow)).toHaveLength(1);
    await pay(workflow, '0.7');
    expect(await warnings(workflow)).toMatchObject([{ limit_usd: 1 }, { limit_usd: 2 }]);
    await setOwnLimit('system_day', '4');
    await pay(workflow, '1.5');
    await pay(workflow, '0.1');
    expect(await warnings(workflow)).toMatchObject([{ limit_usd: 1 }, { limit_usd: 2 }, { limit_usd: 4 }]);
  });

  it('of a call without a workflow is a line in the log', async () => {
    await pay(undefined, '0.9');
    expect((await fixture.scope('system_day')).warned_at).toBeInstanceOf(Date);
  });

  it('counts what is in doubt', async () => {
    const workflow = await fixture.workflow('0.10');
    await fixture.doubt(await send(workflow, '0.09'));
    expect(await warnings(workflow)).toMatchObject([{ scope: 'workflow', used_percentage: 90 }]);
  });

  it('is not waited for while another transaction holds the stream: the next settlement brings it', async () => {
    const workflow = await fixture.workflow('0.10');
    const holder = new pg.Client(fixture.url);
    await holder.connect();
    try {
      await holder.query('BEGIN');
      await holder.query('SELECT 1 FROM event_streams WHERE workflow_id = $1 FOR UPDATE', [workflow]);
      await pay(workflow, '0.09');
      expect(await warnings(workflow)).toEqual([]);
      expect((await fixture.scope('workflow', workflow)).warned_at).toBeNull();
      await holder.query('COMMIT');
    } finally {
      await holder.end();
    }
    await pay(workflow, '0.001');
    expect(await warnings(workflow)).toMatchObject([{ used_usd: 0.091 }]);
  });

  it('comes after the caller’s own events of the same settlement', async () => {
    const workflow = await fixture.workflow('0.10');
    const id = await send(workflow, '0.09');
    await fixture.database.transaction(async (tx) => {
      fixture.events.append(tx, workflow, [{ type: 'thought.started', data: { thought_id: workflow } }]);
      await fixture.budget.settle(tx, id, new Decimal('0.09'));
    });
    const events = await fixture.events.read(workflow, 0, 10);
    expect(events.map(({ seq, type }) => `${seq} ${type}`)).toEqual(['1 thought.started', '2 budget.warning']);
  });

  it('is rolled back with its settlement', async () => {
    const workflow = await fixture.workflow('0.10');
    const id = await send(workflow, '0.09');
    const failing = fixture.database.transaction(async (tx) => {
      await fixture.budget.settle(tx, id, new Decimal('0.09'));
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await warnings(workflow)).toEqual([]);
    expect((await fixture.scope('workflow', workflow)).warned_at).toBeNull();
  });
});

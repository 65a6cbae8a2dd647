import { Decimal } from 'decimal.js';
import { newId } from '../../src/database/ids.js';
import {
  principalScope,
  sessionScope,
  SYSTEM_DAY,
  SYSTEM_MONTH,
  workflowScope,
  type ScopeRef,
} from '../../src/llm/budget/budget.rules.js';
import { watchLedger } from './ledger-watch.js';
import { LlmFixture } from './llm-fixture.js';

let fixture: LlmFixture;

beforeAll(async () => {
  fixture = await LlmFixture.start(new Decimal(1));
});
afterAll(() => fixture.close());
beforeEach(() => fixture.clear());

const reserve = (scopes: readonly ScopeRef[], usd: Decimal.Value, interactionId = newId(), executorId = 'executor') =>
  fixture.reserve(scopes, usd, interactionId, executorId);

describe('reserving', () => {
  it('opens the day of the reservation with the configured limit', async () => {
    expect(await reserve([SYSTEM_DAY], '0.25')).toBeUndefined();
    const [{ today } = { today: '' }] = await fixture.database.query<{ today: string }>(
      `SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS today`,
    );
    const scope = await fixture.scope('system_day');
    expect(scope).toMatchObject({ key: today, limit_usd: '1.0000000000', reserved_usd: '0.2500000000' });
  });

  it('opens a new day once when many find it missing', async () => {
    const refusals = await Promise.all(Array.from({ length: 16 }, () => reserve([SYSTEM_DAY], '0.01')));
    expect(refusals.every((refusal) => refusal === undefined)).toBe(true);
    expect(await fixture.scope('system_day')).toMatchObject({ reserved_usd: '0.1600000000' });
  });

  it('takes from all scopes or none, and names the first that refuses', async () => {
    const workflow = await fixture.workflow('0.10');
    expect(await reserve([SYSTEM_DAY, workflowScope(workflow)], '0.10')).toBeUndefined();
    const refusal = await reserve([workflowScope(workflow), SYSTEM_DAY], '0.0000000001');
    expect(refusal).toMatchObject({ kind: 'workflow', key: workflow });
    expect(refusal?.reservedUsd.toFixed()).toBe('0.1');
    expect((await fixture.scope('system_day')).reserved_usd).toBe('0.1000000000');
    expect(await fixture.ledger()).toHaveLength(1);
  });

  it('lets a free call through an exhausted scope', async () => {
    const workflow = await fixture.workflow('0.10');
    await reserve([workflowScope(workflow)], '0.10');
    expect(await reserve([workflowScope(workflow)], 0)).toBeUndefined();
  });

  it('follows a limit that the configuration lowers', async () => {
    await reserve([SYSTEM_DAY], '0.1');
    await fixture.database.query('UPDATE budget_scopes SET limit_usd = 100');
    expect((await reserve([SYSTEM_DAY], '2'))?.limitUsd?.toFixed()).toBe('1');
  });

  it('fails loudly for a workflow whose scope was never opened', async () => {
    await expect(reserve([workflowScope(newId())], 1)).rejects.toThrow('never opened');
    expect(await fixture.ledger()).toHaveLength(0);
  });

  it.each<[string, string, (workflow: string, index: number) => ScopeRef[]]>([
    ['the limits of workflows', 'workflow', (workflow) => [workflowScope(workflow), SYSTEM_DAY]],
    ['that of a month', 'system_month', (workflow) => [workflowScope(workflow), SYSTEM_DAY, SYSTEM_MONTH]],
    ['those of two principals', 'principal_day', (_, index) => [principalScope(`p${index % 2}`), SYSTEM_DAY]],
    ['those of two sessions', 'session', (_, index) => [sessionScope('p', `s${index % 2}`), SYSTEM_DAY]],
  ])('passes neither the day’s limit nor %s, at any moment, under 50 parallel calls', async (_name, kind, scopes) => {
    const limits = { system_month: 0.9, principal_day: 0.3, session: 0.3 };
    for (const [limited, usd] of Object.entries(limits)) await fixture.configure(`budget_${limited}_usd`, usd);
    const workflows = await Promise.all([1, 2, 3, 4].map(() => fixture.workflow('0.30')));
    const watch = await watchLedger(fixture.url);
    const call = async (index: number): Promise<boolean> => {
      const interactionId = newId();
      if (await reserve(scopes(workflows[index % 4] ?? '', index), '0.04', interactionId)) return false;
      await (index % 5 === 0 ? fixture.doubt(interactionId) : fixture.settle(interactionId, '0.039'));
      return true;
    };
    const done: boolean[] = [];
    do done.push(...(await Promise.all(Array.from({ length: 50 }, (_, index) => call(index)))));
    while (watch.looks <= 5);
    expect(await watch.stop()).toEqual([]);
    const sent = done.filter(Boolean).length;
    expect(sent).toBeGreaterThan(9);
    expect(sent).toBeLessThan(29);
    expect(await fixture.scope(kind)).toBeDefined();
  });
});

describe('ending a reservation', () => {
  const held = async (): Promise<string> => {
    const interactionId = newId();
    await reserve([SYSTEM_DAY], '0.5', interactionId);
    return interactionId;
  };
  const balances = async () => {
    const { spent_usd, reserved_usd, in_doubt_usd } = await fixture.scope('system_day');
    return [spent_usd, reserved_usd, in_doubt_usd].map(Number);
  };

  it('books the actual cost', async () => {
    const id = await held();
    await fixture.settle(id, '0.1234567891');
    expect(await fixture.scope('system_day')).toMatchObject({
      spent_usd: '0.1234567891',
      reserved_usd: '0.0000000000',
    });
  });

  it('books the truth when the call was dearer than its bound', async () => {
    const id = await held();
    await fixture.settle(id, '2');
    expect(await balances()).toEqual([2, 0, 0]);
  });

  it('gives back what was voided', async () => {
    const id = await held();
    await fixture.void(id);
    expect(await balances()).toEqual([0, 0, 0]);
  });

  it('keeps counting what is in doubt until the truth is known', async () => {
    const id = await held();
    await fixture.doubt(id);
    expect(await balances()).toEqual([0, 0, 0.5]);
    expect((await reserve([SYSTEM_DAY], '0.6'))?.inDoubtUsd.toFixed()).toBe('0.5');
    await fixture.settle(id, '0.2');
    expect(await balances()).toEqual([0.2, 0, 0]);
  });

  it('ends once, however often it is asked', async () => {
    const id = await held();
    const ends = [fixture.settle(id, '0.3'), fixture.settle(id, '0.3'), fixture.settle(id, '0.3')];
    await Promise.all(ends);
    await fixture.void(id);
    await fixture.doubt(id);
    expect(await balances()).toEqual([0.3, 0, 0]);
  });
});

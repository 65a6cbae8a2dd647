import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import pg from 'pg';
import { newId } from '../../src/database/ids.js';
import { SYSTEM_DAY, workflowScope, type ScopeRef } from '../../src/llm/budget/budget.rules.js';
import { LlmFixture } from './llm-fixture.js';

let fixture: LlmFixture;

beforeAll(async () => {
  fixture = await LlmFixture.start(new Decimal(1));
});
afterAll(() => fixture.close());
beforeEach(() => fixture.clear());

const reserve = (scopes: readonly ScopeRef[], usd: Decimal.Value, interactionId = newId(), executorId = 'executor') =>
  fixture.database.transaction((tx) =>
    fixture.budget.reserve(tx, { interactionId, scopes, amountUsd: new Decimal(usd), executorId }),
  );

/** Watches from a connection of its own until stopped; counts the moments at which a scope was over its limit. */
function watchLimits(): { stop: () => Promise<{ looks: number; passed: number }> } {
  const state = { running: true };
  const watched = (async () => {
    const client = new pg.Client(fixture.url);
    await client.connect();
    let [looks, passed] = [0, 0];
    while (state.running) {
      const { rowCount } = await client.query(
        'SELECT 1 FROM budget_scopes WHERE spent_usd + reserved_usd + in_doubt_usd > limit_usd',
      );
      looks += 1;
      passed += rowCount ?? 0;
    }
    await client.end();
    return { looks, passed };
  })();
  return {
    stop: () => {
      state.running = false;
      return watched;
    },
  };
}

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
    expect(refusal?.refusedBy).toMatchObject({ kind: 'workflow', key: workflow });
    expect(refusal?.refusedBy.reservedUsd.toFixed()).toBe('0.1');
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
    expect((await reserve([SYSTEM_DAY], '2'))?.refusedBy.limitUsd?.toFixed()).toBe('1');
  });

  it('fails loudly for a workflow whose scope was never opened', async () => {
    await expect(reserve([workflowScope(newId())], 1)).rejects.toThrow('never opened');
    expect(await fixture.ledger()).toHaveLength(0);
  });

  it('never passes a limit, at any moment, under 50 parallel calls', async () => {
    const workflows = await Promise.all([1, 2, 3, 4].map(() => fixture.workflow('0.30')));
    const watch = watchLimits();
    const call = async (index: number): Promise<boolean> => {
      const interactionId = newId();
      const workflow = workflows[index % workflows.length] ?? '';
      const refusal = await reserve([workflowScope(workflow), SYSTEM_DAY], '0.04', interactionId);
      if (refusal !== undefined) return false;
      await fixture.database.transaction((tx) =>
        index % 5 === 0
          ? fixture.budget.markInDoubt(tx, interactionId)
          : fixture.budget.settle(tx, interactionId, new Decimal('0.039')),
      );
      return true;
    };
    const done = await Promise.all(Array.from({ length: 50 }, (_, index) => call(index)));
    const { looks, passed } = await watch.stop();
    expect(passed).toBe(0);
    expect(looks).toBeGreaterThan(5);
    expect(done.filter(Boolean).length).toBeGreaterThan(20);
    expect(done.filter(Boolean).length).toBeLessThan(29);
    expect(await fixture.inconsistentScopes()).toEqual([]);
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
    await fixture.budget.settle(fixture.database, id, new Decimal('0.1234567891'));
    expect(await fixture.scope('system_day')).toMatchObject({
      spent_usd: '0.1234567891',
      reserved_usd: '0.0000000000',
    });
  });

  it('books the truth when the call was dearer than its bound', async () => {
    const id = await held();
    await fixture.budget.settle(fixture.database, id, new Decimal('2'));
    expect(await balances()).toEqual([2, 0, 0]);
  });

  it('gives back what was voided', async () => {
    const id = await held();
    await fixture.budget.void(fixture.database, id);
    expect(await balances()).toEqual([0, 0, 0]);
  });

  it('keeps counting what is in doubt until the truth is known', async () => {
    const id = await held();
    await fixture.budget.markInDoubt(fixture.database, id);
    expect(await balances()).toEqual([0, 0, 0.5]);
    expect((await reserve([SYSTEM_DAY], '0.6'))?.refusedBy.inDoubtUsd.toFixed()).toBe('0.5');
    await fixture.budget.settle(fixture.database, id, new Decimal('0.2'));
    expect(await balances()).toEqual([0.2, 0, 0]);
  });

  it('ends once, however often it is asked', async () => {
    const id = await held();
    const ends = [
      fixture.budget.settle(fixture.database, id, new Decimal('0.3')),
      fixture.budget.settle(fixture.database, id, new Decimal('0.3')),
      fixture.budget.settle(fixture.database, id, new Decimal('0.3')),
    ];
    await Promise.all(ends);
    await fixture.budget.void(fixture.database, id);
    await fixture.budget.markInDoubt(fixture.database, id);
    expect(await balances()).toEqual([0.3, 0, 0]);
  });
});

type Step =
  | { readonly kind: 'reserve'; readonly workflow: number; readonly cents: number }
  | { readonly kind: 'settle' | 'void' | 'doubt'; readonly nth: number; readonly share: number };

const steps = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('reserve' as const),
        workflow: fc.nat(2),
        cents: fc.integer({ min: 0, max: 30 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constantFrom('settle' as const, 'void' as const, 'doubt' as const),
        nth: fc.nat(20),
        share: fc.integer({ min: 0, max: 100 }),
      }),
    },
  ),
  { minLength: 4, maxLength: 40 },
);

it('keeps balances equal to the ledger and under the limits over any interleaving', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 1, max: 8 }), async (all: Step[], atOnce) => {
      await fixture.clear();
      const workflows = await Promise.all(['0.5', '0.4', '0.2'].map((limit) => fixture.workflow(limit)));
      const taken: { id: string; usd: Decimal }[] = [];
      const run = async (step: Step): Promise<void> => {
        if (step.kind === 'reserve') {
          const [id, usd] = [newId(), new Decimal(step.cents).div(100)];
          const refusal = await reserve([workflowScope(workflows[step.workflow] ?? ''), SYSTEM_DAY], usd, id);
          if (refusal === undefined) taken.push({ id, usd });
          return;
        }
        const entry = taken[step.nth % Math.max(1, taken.length)];
        if (entry === undefined) return;
        if (step.kind === 'settle')
          await fixture.budget.settle(fixture.database, entry.id, entry.usd.times(step.share).div(100));
        else if (step.kind === 'void') await fixture.budget.void(fixture.database, entry.id);
        else await fixture.budget.markInDoubt(fixture.database, entry.id);
      };
      for (let at = 0; at < all.length; at += atOnce) await Promise.all(all.slice(at, at + atOnce).map(run));
      expect(await fixture.inconsistentScopes()).toEqual([]);
      const over = 'SELECT 1 FROM budget_scopes WHERE spent_usd + reserved_usd + in_doubt_usd > limit_usd';
      expect(await fixture.database.query(over)).toEqual([]);
    }),
    { numRuns: 30, endOnFailure: true },
  );
});

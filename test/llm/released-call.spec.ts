import { Chaos } from '../chaos/chaos-fixture.js';
import { cleanUpProcesses, type NyxProcess } from '../support/process.js';
import { until } from '../support/until.js';

interface Reservation {
  readonly interaction_id: string;
  readonly amount_usd: number;
  readonly executor_id: string;
  readonly scopes: readonly { readonly id: string; readonly kind: string }[];
}

interface Budget {
  readonly id: string;
  readonly kind: string;
  readonly spent_usd: number;
  readonly reserved_usd: number;
  readonly in_doubt_usd: number;
}

const RESERVATIONS = '/api/v1/llm/reservations';

describe('a generate in flight when its process is killed', () => {
  afterAll(cleanUpProcesses);

  it('is in doubt after the next start, shown, and released by an admin', async () => {
    const chaos = await Chaos.begin();
    const get = async <T>(nyx: NyxProcess, path: string): Promise<T[]> =>
      ((await (await chaos.fetch(nyx, path)).json()) as { items: T[] }).items;
    const generate = (nyx: NyxProcess) =>
      chaos.fetch(nyx, '/api/v1/llm/generate', {
        method: 'POST',
        body: JSON.stringify({ user_prompt: 'Hello?', session_id: 'evening' }),
      });
    try {
      const dying = await chaos.startNyx();
      expect((await generate(dying)).status).toBe(200);
      const spent = chaos.chargedOnce();
      chaos.model.script({ hang: true });
      const caller = generate(dying).catch(() => undefined);
      await chaos.model.waitFor(2);
      await chaos.kill(dying);
      await caller;

      const next = await chaos.startNyx();
      let inDoubt: Reservation[] = [];
      await until('the reservation is in doubt', async () => {
        inDoubt = await get<Reservation>(next, RESERVATIONS);
        return inDoubt.length > 0;
      });
      expect(await get(next, `${RESERVATIONS}?status=reserved`)).toEqual([]);
      const [left] = inDoubt;
      expect(left?.scopes.map(({ kind }) => kind)).toEqual(['session', 'principal_day', 'system_day', 'system_month']);
      const amount = left?.amount_usd ?? 0;
      expect(amount).toBeGreaterThan(0);
      const balances = async () =>
        (await get<Budget>(next, '/api/v1/llm/budgets')).map(({ spent_usd, reserved_usd, in_doubt_usd }) => [
          spent_usd,
          reserved_usd,
          in_doubt_usd,
        ]);
      expect(await balances()).toEqual(Array(4).fill([spent, 0, amount]));
      const stats = async () => (await chaos.fetch(next, '/api/v1/llm/stats')).json();
      expect(await stats()).toMatchObject({ total_requests: 1, total_cost_usd: spent, in_doubt_usd: amount });

      const path = `${RESERVATIONS}/${left?.interaction_id ?? ''}/release`;
      expect((await chaos.fetch(next, path, { method: 'POST', body: '{}' })).status).toBe(200);
      expect((await chaos.fetch(next, path, { method: 'POST', body: '{}' })).status).toBe(409);
      expect(await balances()).toEqual(Array(4).fill([spent, 0, 0]));
      expect(await stats()).toMatchObject({
        total_requests: 2,
        total_cost_usd: spent,
        in_doubt_usd: 0,
        failed_requests: 1,
      });
      expect(await get(next, RESERVATIONS)).toEqual([]);
      const { rows } = await chaos.sql.query(
        `SELECT l.status, l.actual_usd::float AS actual, i.status AS call, i.cost_usd::float AS cost
           FROM budget_ledger l JOIN llm_interactions i ON i.id = l.interaction_id ORDER BY l.reserved_at`,
      );
      expect(rows).toEqual([
        { status: 'settled', actual: spent, call: 'succeeded', cost: spent },
        { status: 'released', actual: null, call: 'failed', cost: 0 },
      ]);
    } catch (error) {
      throw new Error(`${String(error)}${chaos.logs()}`, { cause: error });
    } finally {
      await chaos.end();
    }
  }, 120_000);
});

import pg from 'pg';

/**
 * Scopes that break a promise, in one snapshot: more is used than the limit and what answers cost beyond what had been reserved
 * for them (all of it, when the reservation had been released); or the balances are not the sums of the ledger.
 */
const BROKEN = `
  SELECT s.kind, s.key, s.limit_usd, s.spent_usd, s.reserved_usd, s.in_doubt_usd, sums.*
  FROM budget_scopes s CROSS JOIN LATERAL (
    SELECT coalesce(sum(actual_usd) FILTER (WHERE status = 'settled'), 0) AS spent,
           coalesce(sum(reserved_usd) FILTER (WHERE status = 'reserved'), 0) AS reserved,
           coalesce(sum(reserved_usd) FILTER (WHERE status = 'in_doubt'), 0) AS in_doubt,
           coalesce(sum(greatest(actual_usd - CASE WHEN released_at IS NULL THEN reserved_usd ELSE 0 END, 0))
                    FILTER (WHERE status = 'settled'), 0) AS beyond
    FROM budget_ledger WHERE s.id = ANY(scope_ids)
  ) sums
  WHERE s.spent_usd + s.reserved_usd + s.in_doubt_usd > coalesce(s.own_limit_usd, s.limit_usd) + sums.beyond
     OR (s.spent_usd, s.reserved_usd, s.in_doubt_usd) <> (sums.spent, sums.reserved, sums.in_doubt)`;

interface LedgerWatch {
  /** How often it has looked so far. */
  readonly looks: number;
  /** @returns what was broken in any of its looks */
  stop(): Promise<unknown[]>;
}

/** Looks at the whole ledger from a connection of its own, again and again until stopped; it has looked once when this resolves. */
export async function watchLedger(url: string): Promise<LedgerWatch> {
  const client = new pg.Client(url);
  await client.connect();
  const broken: unknown[] = [];
  let [looks, running] = [0, true];
  const look = async (): Promise<void> => {
    broken.push(...(await client.query<object>(BROKEN)).rows);
    looks += 1;
  };
  await look();
  const watching = (async (): Promise<void> => {
    while (running) await look();
  })().finally(() => client.end());
  return {
    get looks() {
      return looks;
    },
    stop: async () => {
      running = false;
      await watching;
      return broken;
    },
  };
}

/**
 * $1 kinds, $2 keys, $3 period formats, $4 limits (null: the row's own), $5 amount, $6 ledger id, $7 interaction id, $8 executor id.
 * Locks the scopes in the given order, then takes the amount from all of them or from none, and answers every scope as it was.
 * New balances come from the locked rows, never from the statement's snapshot: a CHECK is tried on the stale row first.
 */
export const RESERVE = `
  WITH wanted AS MATERIALIZED (
    SELECT w.ord, w.kind, w.given_limit,
           w.key || coalesce(CASE WHEN w.key <> '' AND w.period IS NOT NULL THEN ':' END, '')
                 || coalesce(to_char(now() AT TIME ZONE 'UTC', w.period), '') AS key
    FROM unnest($1::text[], $2::text[], $3::text[], $4::numeric[])
         WITH ORDINALITY AS w(kind, key, period, given_limit, ord)
  ), locked AS MATERIALIZED (
    SELECT w.ord, s.id, coalesce(w.given_limit, s.limit_usd) AS limit_usd, s.spent_usd, s.reserved_usd, s.in_doubt_usd
    FROM wanted w JOIN budget_scopes s ON s.kind = w.kind AND s.key = w.key
    ORDER BY w.ord
    FOR UPDATE OF s
  ), verdict AS MATERIALIZED (
    SELECT count(*) = (SELECT count(*) FROM wanted)
           AND coalesce(bool_and($5::numeric = 0 OR limit_usd IS NULL
                                 OR spent_usd + reserved_usd + in_doubt_usd + $5::numeric <= limit_usd), true) AS fits
    FROM locked
  ), taken AS (
    UPDATE budget_scopes s
    SET reserved_usd = l.reserved_usd + $5::numeric, limit_usd = l.limit_usd, updated_at = now()
    FROM locked l, verdict v
    WHERE s.id = l.id AND v.fits AND $5::numeric > 0
  ), entered AS (
    INSERT INTO budget_ledger (id, interaction_id, scope_ids, executor_id, status, reserved_usd)
    SELECT $6::uuid, $7::uuid, coalesce((SELECT array_agg(id ORDER BY ord) FROM locked), '{}'), $8::text, 'reserved', $5::numeric
    FROM verdict WHERE fits
  )
  SELECT w.kind, w.key, w.given_limit, l.id IS NOT NULL AS found, l.limit_usd, l.spent_usd, l.reserved_usd, l.in_doubt_usd, v.fits
  FROM wanted w LEFT JOIN locked l ON l.ord = w.ord CROSS JOIN verdict v
  ORDER BY w.ord`;

/**
 * $1 interaction id, $2 the statuses it may leave, $3 the status it gets, $4 the actual cost (null unless settled).
 * Ends a reservation in every scope it was taken from, in the order they were locked when it was taken.
 */
export const CLOSE = `
  WITH entry AS MATERIALIZED (
    SELECT id, scope_ids, status, reserved_usd FROM budget_ledger
    WHERE interaction_id = $1::uuid AND status = ANY($2::text[])
    FOR UPDATE
  ), locked AS MATERIALIZED (
    SELECT s.id, s.spent_usd, s.reserved_usd, s.in_doubt_usd
    FROM entry e CROSS JOIN LATERAL unnest(e.scope_ids) WITH ORDINALITY AS held(id, ord) JOIN budget_scopes s ON s.id = held.id
    ORDER BY held.ord
    FOR UPDATE OF s
  ), moved AS (
    UPDATE budget_scopes s
    SET spent_usd = l.spent_usd + coalesce($4::numeric, 0),
        reserved_usd = l.reserved_usd - CASE WHEN e.status = 'reserved' THEN e.reserved_usd ELSE 0 END,
        in_doubt_usd = l.in_doubt_usd - CASE WHEN e.status = 'in_doubt' THEN e.reserved_usd ELSE 0 END
                                      + CASE WHEN $3::text = 'in_doubt' THEN e.reserved_usd ELSE 0 END,
        updated_at = now()
    FROM entry e, locked l
    WHERE s.id = l.id
      AND (e.reserved_usd > 0 OR coalesce($4::numeric, 0) > 0)
  ), closed AS (
    UPDATE budget_ledger l
    SET status = $3::text, actual_usd = $4::numeric, settled_at = CASE WHEN $3::text = 'in_doubt' THEN NULL ELSE now() END
    FROM entry e WHERE l.id = e.id
  )
  SELECT status, reserved_usd FROM entry`;

/** The UTC day or month of a time. */
export const utcPeriod = (time: string, format: string): string => `to_char(${time} AT TIME ZONE 'UTC', ${format})`;

/** The key of a scope's row: what it belongs to, and its period where its kind has one. */
const rowKey = (key: string, format: string): string =>
  `concat_ws(':', nullif(${key}, ''), ${utcPeriod('now()', format)})`;

/** Joins the row in which the runtime configuration may set the limit of a kind. */
export const joinConfiguredLimit = (kind: string): string =>
  `LEFT JOIN system_config c ON c.config_key = 'budget_' || ${kind} || '_usd'`;

/** What that row says: an amount, or null for no limit; `otherwise` holds when it is missing or is neither. */
export const configuredLimit = (otherwise: string): string => `
  CASE jsonb_typeof(c.config_value)
    WHEN 'number' THEN least(greatest((c.config_value)::numeric, 0), 9999999999)
    WHEN 'null' THEN NULL
    ELSE ${otherwise} END`;

/**
 * $1 kind, $2 its period format, $3 its limit where the runtime configuration says nothing.
 * The whole system's balance of a kind as it stands now, also while nothing has opened it.
 */
const STANDING = `
  SELECT coalesce(s.own_limit_usd, w.configured_limit) AS limit_usd, coalesce(s.spent_usd, 0) AS spent_usd,
         coalesce(s.reserved_usd, 0) AS reserved_usd, coalesce(s.in_doubt_usd, 0) AS in_doubt_usd
  FROM (SELECT ${rowKey("''", '$2::text')} AS key, ${configuredLimit('$3::numeric')} AS configured_limit
        FROM (SELECT) one ${joinConfiguredLimit('$1::text')}) w
  LEFT JOIN budget_scopes s ON s.kind = $1::text AND s.key = w.key`;

/**
 * $4 ids of workflows. The same with what these may still use, in one snapshot: what a call of theirs reserves or costs at this moment
 * is in the balance or in the promise, never in both and never in neither.
 */
export const STANDING_WITH_PROMISES = `
  SELECT standing.limit_usd, standing.spent_usd, standing.reserved_usd, standing.in_doubt_usd, promised.promised_usd, promised.is_all_promised
  FROM (${STANDING}) standing CROSS JOIN (
    SELECT coalesce(sum(greatest(0, coalesce(own_limit_usd, limit_usd) - spent_usd - reserved_usd - in_doubt_usd)), 0) AS promised_usd,
           coalesce(bool_or(coalesce(own_limit_usd, limit_usd) IS NULL), false) AS is_all_promised
    FROM budget_scopes WHERE kind = 'workflow' AND key = ANY($4::text[])) promised`;

/**
 * $1 kinds, $2 keys, $3 period formats, $4 limits where the runtime configuration says nothing, $5 amount, $6 ledger id,
 * $7 interaction id, $8 executor id.
 * A call that costs nothing locks nothing: it passes no limit and changes no balance.
 * Locks the scopes in the given order, then takes the amount from all of them or from none, and answers every scope as it was.
 * Nothing is locked while a scope is still missing: who opens it would wait for whoever opens it at this moment, and that one
 * for the locks held here.
 * New balances come from the locked rows, never from the statement's snapshot: a CHECK is tried on the stale row first.
 */
export const RESERVE = `
  WITH wanted AS MATERIALIZED (
    SELECT w.ord, w.kind, ${rowKey('w.key', 'w.period')} AS key, ${configuredLimit('w.given_limit')} AS configured_limit
    FROM unnest($1::text[], $2::text[], $3::text[], $4::numeric[])
         WITH ORDINALITY AS w(kind, key, period, given_limit, ord) ${joinConfiguredLimit('w.kind')}
  ), standing AS MATERIALIZED (
    SELECT w.ord, w.configured_limit, s.id FROM wanted w JOIN budget_scopes s ON s.kind = w.kind AND s.key = w.key
  ), gate AS MATERIALIZED (
    SELECT EXISTS (SELECT FROM system_config WHERE config_key = 'llm_enabled' AND config_value = 'false') AS is_disabled,
           (SELECT count(*) FROM standing) = (SELECT count(*) FROM wanted) AS is_complete
  ), locked AS MATERIALIZED (
    SELECT w.ord, s.id, s.limit_usd AS last_limit, s.warned_at,
           CASE WHEN s.kind = 'workflow' THEN s.limit_usd ELSE w.configured_limit END AS kind_limit,
           coalesce(s.own_limit_usd, CASE WHEN s.kind = 'workflow' THEN s.limit_usd ELSE w.configured_limit END) AS limit_usd,
           s.spent_usd, s.reserved_usd, s.in_doubt_usd
    FROM standing w JOIN budget_scopes s ON s.id = w.id
    WHERE $5::numeric > 0 AND (SELECT is_complete AND NOT is_disabled FROM gate)
    ORDER BY w.ord
    FOR UPDATE OF s
  ), verdict AS MATERIALIZED (
    SELECT CASE WHEN $5::numeric = 0 THEN (SELECT is_complete AND NOT is_disabled FROM gate)
                ELSE count(*) = (SELECT count(*) FROM wanted)
                     AND coalesce(bool_and(limit_usd IS NULL
                                           OR spent_usd + reserved_usd + in_doubt_usd + $5::numeric <= limit_usd), true)
           END AS fits
    FROM locked
  ), taken AS (
    UPDATE budget_scopes s
    SET reserved_usd = l.reserved_usd + $5::numeric, limit_usd = l.kind_limit, updated_at = now(),
        warned_at = CASE WHEN l.kind_limit IS NOT DISTINCT FROM l.last_limit THEN l.warned_at END
    FROM locked l, verdict v
    WHERE s.id = l.id AND v.fits AND $5::numeric > 0
  ), entered AS (
    INSERT INTO budget_ledger (id, interaction_id, scope_ids, executor_id, status, reserved_usd)
    SELECT $6::uuid, $7::uuid, coalesce((SELECT array_agg(id ORDER BY ord) FROM standing), '{}'), $8::text, 'reserved', $5::numeric
    FROM verdict WHERE fits
  )
  SELECT w.kind, w.key, g.is_disabled, t.id IS NOT NULL AS found, l.limit_usd, l.spent_usd, l.reserved_usd, l.in_doubt_usd, v.fits
  FROM wanted w LEFT JOIN standing t ON t.ord = w.ord LEFT JOIN locked l ON l.ord = w.ord CROSS JOIN verdict v CROSS JOIN gate g
  ORDER BY w.ord`;

/**
 * $1 interaction id, $2 the statuses it may leave, $3 the status it gets, $4 the actual cost (null unless settled),
 * $5 who releases it (null unless released).
 * Ends a reservation in every scope it was taken from, in the order they were locked when it was taken. Answers the entry as it
 * was, once for each scope of which 80 % are used now and nobody was warned, or once without a scope.
 */
export const CLOSE = `
  WITH entry AS MATERIALIZED (
    SELECT id, scope_ids, status, reserved_usd FROM budget_ledger
    WHERE interaction_id = $1::uuid AND status = ANY($2::text[])
    FOR UPDATE
  ), locked AS MATERIALIZED (
    SELECT held.ord, s.id, s.spent_usd, s.reserved_usd, s.in_doubt_usd
    FROM entry e CROSS JOIN LATERAL unnest(e.scope_ids) WITH ORDINALITY AS held(id, ord) JOIN budget_scopes s ON s.id = held.id
    WHERE e.reserved_usd > 0 OR coalesce($4::numeric, 0) > 0
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
    RETURNING l.ord, s.id, s.kind, s.key, coalesce(s.own_limit_usd, s.limit_usd) AS limit_usd,
              s.spent_usd + s.reserved_usd + s.in_doubt_usd AS used_usd, s.warned_at
  ), closed AS (
    UPDATE budget_ledger l
    SET status = $3::text, actual_usd = $4::numeric, settled_at = CASE WHEN $3::text = 'in_doubt' THEN NULL ELSE now() END,
        released_by = coalesce($5::text, l.released_by),
        released_at = CASE WHEN $3::text = 'released' THEN now() ELSE l.released_at END
    FROM entry e WHERE l.id = e.id
  )
  SELECT e.reserved_usd, m.id AS scope_id, m.kind, m.key, m.limit_usd, m.used_usd,
         CASE WHEN m.id IS NOT NULL THEN (SELECT workflow_id FROM llm_interactions WHERE id = $1::uuid) END AS workflow_id
  FROM entry e
  LEFT JOIN moved m ON $3::text IN ('settled', 'in_doubt') AND m.warned_at IS NULL
                   AND m.limit_usd > 0 AND m.used_usd >= m.limit_usd * 0.8
  ORDER BY m.ord`;

/** Looked for by every sweep, so over the index of what is open alone. */
export const LEFT_OPEN = `
  SELECT l.interaction_id FROM budget_ledger l
    LEFT JOIN llm_interactions i ON i.id = l.interaction_id
    LEFT JOIN workflows w ON w.id = i.workflow_id
   WHERE l.status = 'reserved'
     AND (w.completed_at < now() - interval '1 minute'
          OR NOT EXISTS (SELECT FROM executors e WHERE e.id = l.executor_id AND e.status IN ('live', 'draining')))
   ORDER BY l.reserved_at LIMIT 1000`;

/** $1 ledger id, $2 interaction id. Answers nothing where the call has an entry. */
export const ENTER_NOTHING = `
  INSERT INTO budget_ledger (id, interaction_id, scope_ids, executor_id, status, reserved_usd)
  VALUES ($1, $2, '{}', '', 'voided', 0) ON CONFLICT (interaction_id) DO NOTHING RETURNING id`;

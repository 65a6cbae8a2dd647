import { Decimal } from 'decimal.js';
import type pg from 'pg';
import type { ModelServer } from '../../support/model-server.js';

const requestIdOf = (index: number): string => `req_${String(index).padStart(8, '0')}`;

/** Each gives rows only where a promise was broken. */
const BROKEN: Readonly<Record<string, string>> = {
  'one request became two workflows': `
    SELECT content->>'prompt' FROM workflows WHERE origin = 'user' GROUP BY 1 HAVING count(*) > 1`,
  'a workflow failed by NYX itself': `
    SELECT id, error_code FROM workflows WHERE error_code IN ('INTERNAL', 'GIVEN_UP', 'DATABASE_UNAVAILABLE')`,
  'a workflow was cancelled by nobody': `SELECT id FROM workflows WHERE status = 'cancelled' AND schedule_id IS NOT NULL`,
  'a workflow has not ended': `SELECT id, status FROM workflows WHERE completed_at IS NULL`,
  'a durable function has not ended': `SELECT workflow_uuid, name, status FROM durable.workflow_status WHERE status IN ('PENDING', 'ENQUEUED', 'DELAYED')`,
  'events have a gap': `SELECT workflow_id FROM workflow_events GROUP BY workflow_id HAVING count(*) <> max(seq) OR min(seq) <> 1`,
  'events were lost at the end': `
    SELECT s.workflow_id FROM event_streams s
      LEFT JOIN (SELECT workflow_id, max(seq) AS last FROM workflow_events GROUP BY 1) e USING (workflow_id)
     WHERE s.last_seq <> coalesce(e.last, 0)`,
  'a workflow did not end exactly once, with its last event': `
    SELECT w.id FROM workflows w LEFT JOIN workflow_events e ON e.workflow_id = w.id
     GROUP BY w.id HAVING count(*) FILTER (WHERE e.type IN ('workflow.completed', 'workflow.failed', 'workflow.cancelled')) <> 1
        OR max(e.seq) FILTER (WHERE e.type IN ('workflow.completed', 'workflow.failed', 'workflow.cancelled')) <> max(e.seq)`,
  'a step was answered twice': `
    SELECT workflow_id, step_key FROM llm_interactions WHERE status = 'succeeded' AND workflow_id IS NOT NULL
     GROUP BY 1, 2 HAVING count(*) > 1`,
  'something of a workflow is left open': `
    SELECT 'thought' AS what, id FROM thought_trees WHERE status IN ('pending', 'in_progress')
      AND root_id IN (SELECT id FROM workflows)
    UNION ALL SELECT 'agent', a.id FROM agents a WHERE a.status NOT IN ('completed', 'failed', 'terminated')
    UNION ALL SELECT 'orchestrator', o.id FROM orchestrators o WHERE o.completed_at IS NULL
    UNION ALL SELECT 'call', i.id FROM llm_interactions i WHERE i.status = 'sent'
    UNION ALL SELECT 'tool run', t.id FROM tool_executions t WHERE t.status = 'running'
    UNION ALL SELECT 'question', a.id FROM approvals a WHERE a.status = 'pending'`,
  'a call was run that somebody rejected': `
    SELECT a.id, t.id AS execution FROM approvals a JOIN tool_executions t USING (agent_id, tool_name)
     WHERE a.kind = 'tool_call' AND a.status = 'rejected' AND t.status <> 'refused' AND a.arguments_hash = t.arguments_hash`,
  'a result stands that somebody rejected': `
    SELECT a.workflow_id FROM approvals a JOIN workflows w ON w.id = a.workflow_id
     WHERE a.kind = 'human_review' AND a.status = 'rejected' AND w.status = 'completed'`,
  'a call that was answered is not booked once': `
    SELECT i.id, i.status, array_agg(l.status) AS booked FROM llm_interactions i LEFT JOIN budget_ledger l ON l.interaction_id = i.id
     WHERE i.status = 'succeeded' GROUP BY i.id HAVING count(l.id) <> 1 OR bool_or(l.status <> 'settled')`,
  'money is reserved for nothing': `
    SELECT 'ledger', id::text FROM budget_ledger WHERE status = 'reserved'
    UNION ALL SELECT kind, key FROM budget_scopes WHERE reserved_usd <> 0`,
  'a balance is not the sum of its ledger': `
    SELECT b.kind, b.key, b.spent_usd, b.in_doubt_usd, l.settled, l.doubted FROM budget_scopes b
      CROSS JOIN LATERAL (SELECT coalesce(sum(actual_usd) FILTER (WHERE status = 'settled'), 0) AS settled,
                                 coalesce(sum(reserved_usd) FILTER (WHERE status = 'in_doubt'), 0) AS doubted
                            FROM budget_ledger WHERE b.id = ANY(scope_ids)) l
     WHERE b.spent_usd <> l.settled OR b.in_doubt_usd <> l.doubted`,
  'a task of the engine and its workflow are not one': `
    SELECT w.id FROM workflows w LEFT JOIN motivational_tasks t ON t.thought_tree_id = w.id WHERE w.origin = 'motivation'
     GROUP BY w.id HAVING count(t.id) <> 1
    UNION ALL SELECT id FROM motivational_tasks WHERE thought_tree_id IS NULL`,
  'a task of the engine has no outcome': `SELECT id, status FROM motivational_tasks WHERE status NOT IN ('completed', 'failed', 'cancelled')`,
  'a connection is stuck': `
    SELECT pid, state, left(query, 80) FROM pg_stat_activity WHERE datname = 'nyx' AND application_name <> 'storm'
       AND ((state LIKE 'idle in transaction%' AND state_change < now() - interval '10 s')
            OR (state = 'active' AND query_start < now() - interval '10 s'))`,
  'two evaluations in one second': `
    SELECT evaluated_at FROM (SELECT evaluated_at, lag(evaluated_at) OVER (ORDER BY evaluated_at) AS before FROM motivation_decisions) d
     WHERE evaluated_at - before < interval '0.9 seconds'`,
};

/** What is not as it was promised; empty when all is well. */
export async function brokenPromises(sql: pg.Pool): Promise<string[]> {
  const found: string[] = [];
  for (const [promise, query] of Object.entries(BROKEN)) {
    const { rows } = await sql.query<Record<string, unknown>>(query);
    if (rows.length > 0) found.push(`${promise}: ${rows.length}, such as ${JSON.stringify(rows.slice(0, 5))}`);
  }
  return found;
}

interface Booked {
  /** The model server's own id of the request; null: nobody knows whether it arrived. */
  readonly request: string | null;
  readonly status: string;
  readonly code: string | null;
  readonly booked: 'settled' | 'in_doubt' | 'voided' | 'released';
  readonly actual: string | null;
  readonly reserved: string;
}

/**
 * NYX booked every answer that it kept at the price that the model server took, once; an answer that it broke off at no less; and every other that was
 * billed is held in doubt.
 */
export async function wrongBill(sql: pg.Pool, model: ModelServer): Promise<string[]> {
  const { rows } = await sql.query<Booked>(
    `SELECT i.provider_request_id AS request, i.status, i.error_code AS code, l.status AS booked, l.actual_usd AS actual, l.reserved_usd AS reserved
       FROM budget_ledger l JOIN llm_interactions i ON i.id = l.interaction_id WHERE l.status <> 'reserved'`,
  );
  const unbooked = new Map(model.charges.map(({ requestIndex, costUsd }) => [requestIdOf(requestIndex), costUsd]));
  const wrong: string[] = [];
  let nameless = 0;
  let reservedForNameless = new Decimal(0);
  for (const { request, status, code, booked, actual, reserved } of rows) {
    const cost = unbooked.get(request ?? '');
    if (booked === 'voided' || booked === 'released') {
      if (cost) wrong.push(`${request}: billed ${cost.toFixed()}, and its reservation was given back (${booked})`);
      continue;
    }
    if (booked === 'settled' && new Decimal(actual ?? 0).gt(reserved))
      wrong.push(`${request}: reserved ${reserved}, booked ${actual}`);
    if (cost?.gt(reserved)) wrong.push(`${request}: reserved ${reserved}, billed ${cost.toFixed()}`);
    const isKept = booked === 'settled' && (status === 'succeeded' || code === 'NOT_WRITTEN');
    if (isKept && !cost?.eq(actual ?? 0)) {
      wrong.push(`${request}: booked ${actual}, billed ${cost?.toFixed() ?? 'never, or booked twice'}`);
    }
    if (booked === 'settled' && !isKept && cost?.gt(actual ?? 0)) {
      wrong.push(`${request}: booked ${actual} at most, billed ${cost.toFixed()}`);
    }
    if (cost) unbooked.delete(request ?? '');
    else if (!isKept) {
      nameless += 1;
      reservedForNameless = reservedForNameless.plus(booked === 'settled' ? (actual ?? 0) : reserved);
    }
  }
  if (unbooked.size > nameless) wrong.push(`${unbooked.size} answers are billed, and ${nameless} are in doubt`);
  const billed = [...unbooked.values()].reduce((sum, cost) => sum.plus(cost), new Decimal(0));
  if (billed.gt(reservedForNameless))
    wrong.push(
      `${billed.toFixed()} are billed for what is in doubt, and ${reservedForNameless.toFixed()} are held for it`,
    );
  if (rows.length === 0) wrong.push('nothing was booked');
  return wrong;
}

/** How the workflows of people ended that nobody asked to cancel: how many completed, and how many failed, by code. */
export async function ends(sql: pg.Pool, cancelled: ReadonlySet<string>): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql.query<{ end: string; count: number }>(
    `SELECT coalesce(error_code, status) AS end, count(*)::int FROM workflows
      WHERE origin = 'user' AND id <> ALL ($1::uuid[]) GROUP BY 1 ORDER BY 2 DESC`,
    [[...cancelled]],
  );
  return new Map(rows.map(({ end, count }) => [end, count]));
}

/** Of those that ended, and still something of them came or stands open. */
const HAVE_MORE = `SELECT w.id FROM workflows w WHERE w.completed_at IS NOT NULL
   AND (EXISTS (SELECT FROM thought_trees t WHERE t.root_id = w.id AND t.status IN ('pending', 'in_progress'))
     OR (SELECT e.type FROM workflow_events e WHERE e.workflow_id = w.id ORDER BY e.seq DESC LIMIT 1)
          NOT IN ('workflow.completed', 'workflow.failed', 'workflow.cancelled'))`;

/** Of each workflow that has not ended: its row, its durable functions, who runs them, its agents, calls and questions; and what sessions are at. */
const UNFINISHED: Readonly<Record<string, string>> = {
  workflow: `SELECT w.id, w.origin, w.strategy, w.status, w.paused_at, w.created_at, w.deadline_at, w.pace, root.status AS thought
    FROM workflows w LEFT JOIN LATERAL (SELECT status FROM thought_trees t WHERE t.id = w.id) root ON true WHERE w.completed_at IS NULL`,
  function: `SELECT workflow_uuid, status, executor_id, queue_name, parent_workflow_id, recovery_attempts, owner_xid, started_at_epoch_ms, updated_at
    FROM durable.workflow_status WHERE status IN ('PENDING', 'ENQUEUED', 'DELAYED')`,
  step: `SELECT o.workflow_uuid, o.function_id, o.function_name FROM durable.operation_outputs o JOIN durable.workflow_status s USING (workflow_uuid)
    WHERE s.status IN ('PENDING', 'ENQUEUED') ORDER BY o.workflow_uuid, o.function_id DESC LIMIT 40`,
  executor: 'SELECT * FROM executors ORDER BY 1',
  agent: `SELECT a.id, a.status, a.thought_tree_id FROM agents a JOIN thought_trees t ON t.id = a.thought_tree_id
    JOIN workflows w ON w.id = t.root_id WHERE w.completed_at IS NULL`,
  call: `SELECT i.id, i.workflow_id, i.purpose, i.status, i.request_timestamp, i.error_code FROM llm_interactions i
    JOIN workflows w ON w.id = i.workflow_id WHERE w.completed_at IS NULL ORDER BY i.request_timestamp`,
  question: `SELECT a.id, a.workflow_id, a.kind, a.tool_name, a.status, a.deadline_at FROM approvals a JOIN workflows w ON w.id = a.workflow_id
    WHERE w.completed_at IS NULL`,
  tool: `SELECT t.id, t.workflow_id, t.tool_name, t.status FROM tool_executions t JOIN workflows w ON w.id = t.workflow_id WHERE w.completed_at IS NULL`,
  'event of an ended': `SELECT workflow_id, seq, type, at, data FROM workflow_events WHERE workflow_id IN (${HAVE_MORE}) ORDER BY workflow_id, seq`,
  'thought of an ended': `SELECT * FROM thought_trees WHERE root_id IN (${HAVE_MORE}) ORDER BY created_at`,
  'function of an ended': `SELECT workflow_uuid, status, name, executor_id, queue_name, parent_workflow_id, recovery_attempts, created_at, updated_at
    FROM durable.workflow_status WHERE workflow_uuid IN (SELECT t.id::text FROM thought_trees t WHERE t.root_id IN (${HAVE_MORE}))`,
  session: `SELECT pid, application_name, state, wait_event_type, wait_event, xact_start, query_start, left(query, 200) AS query
    FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend' AND state <> 'idle' ORDER BY application_name`,
};

export async function unfinished(sql: pg.Pool): Promise<string[]> {
  const lines: string[] = [];
  for (const [kind, text] of Object.entries(UNFINISHED)) {
    const { rows } = await sql.query<object>(text).catch((error: unknown) => ({ rows: [{ error: String(error) }] }));
    lines.push(...rows.map((row) => `UNFINISHED ${kind} ${JSON.stringify(row)}`));
  }
  return lines;
}

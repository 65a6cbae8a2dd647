import { DURABLE_TABLES } from '../../durable/erasure.js';
import type { ArchiveSource } from './archive.js';

const OF_WORKFLOW = 'WHERE t.workflow_id = $1';
const IN_TREE = 'JOIN thought_trees h ON h.id = t.thought_tree_id WHERE h.root_id = $1 ORDER BY h.depth, t.id';

/** Of the ledger what belongs to model calls that go with their workflow, and changes no more. */
const LEDGER = `i.status IN ('succeeded', 'failed') AND t.status IN ('settled', 'voided', 'released')
    AND NOT EXISTS (SELECT FROM llm_usage_queue q WHERE q.interaction_id = i.id)`;

/** Before the calls go. $1 the workflows. */
export const ERASE_LEDGER = `DELETE FROM budget_ledger t USING llm_interactions i
  WHERE i.id = t.interaction_id AND i.workflow_id = ANY($1::uuid[]) AND ${LEDGER}`;

/** What goes with a workflow, in an order in which it can come back. */
const TABLES: readonly (readonly [table: string, which: string])[] = [
  ['workflows', 'WHERE t.id = $1'],
  ['event_streams', OF_WORKFLOW],
  ['workflow_events', `${OF_WORKFLOW} ORDER BY t.seq`],
  ['thought_trees', 'WHERE t.root_id = $1 ORDER BY t.depth, t.id'],
  ['orchestrators', IN_TREE],
  [
    'budget_scopes',
    `WHERE t.kind = 'workflow' AND t.key IN
       (SELECT $1::uuid::text UNION
        SELECT o.id::text FROM orchestrators o JOIN thought_trees h ON h.id = o.thought_tree_id WHERE h.root_id = $1::uuid)`,
  ],
  ['agents', IN_TREE],
  ['agent_communications', OF_WORKFLOW],
  ['approvals', OF_WORKFLOW],
  ['workflow_outcomes', OF_WORKFLOW],
  ['workflow_feedback', OF_WORKFLOW],
  ['llm_interactions', OF_WORKFLOW],
  ['budget_ledger', `JOIN llm_interactions i ON i.id = t.interaction_id WHERE i.workflow_id = $1 AND ${LEDGER}`],
  ['tool_executions', OF_WORKFLOW],
  [
    'memories',
    `WHERE (t.scope = 'thought_tree' AND t.scope_key = $1::uuid::text)
        OR (t.scope = 'global' AND t.metadata->>'workflow_id' = $1::uuid::text)
        OR (t.scope = 'agent' AND t.scope_key IN
             (SELECT a.id::text FROM agents a JOIN thought_trees h ON h.id = a.thought_tree_id WHERE h.root_id = $1::uuid))`,
  ],
];

/** @param functions the ids of its durable functions */
export const sourcesOf = (workflowId: string, functions: readonly string[]): ArchiveSource[] => [
  ...TABLES.map(([table, which]) => ({ table, which, values: [workflowId] })),
  ...DURABLE_TABLES.map(({ table, column }) => ({ table, which: `WHERE t.${column} = ANY($1)`, values: [functions] })),
];

/** Months are over by then, however few days are kept: what is spent of a limit is not forgotten before its time. */
const SCOPE_DAYS = 40;
const KEY_ID = `CASE WHEN t.kind = 'workflow' AND t.key ~ '^[0-9a-f-]{36}$' THEN t.key::uuid END`;

/** Rows without a workflow that are older than $1 days, those of `keptAs`, and that nothing will change any more, oldest first. */
export const LOOSE = [
  {
    table: 'llm_interactions',
    keptAs: 'calls',
    which: `t.workflow_id IS NULL AND t.request_timestamp < now() - make_interval(days => $1) AND t.status IN ('succeeded', 'failed')
        AND NOT EXISTS (SELECT FROM llm_usage_queue q WHERE q.interaction_id = t.id)`,
    order: 't.request_timestamp, t.id',
    along: [{ table: 'budget_ledger', column: 'interaction_id' }],
  },
  {
    table: 'tool_executions',
    keptAs: 'calls',
    which: `t.workflow_id IS NULL AND t.started_at < now() - make_interval(days => $1) AND t.status <> 'running'`,
    // As the index has it in which those of no workflow stand together.
    order: 't.workflow_id, t.started_at, t.id',
    along: [],
  },
  {
    table: 'outside_events',
    keptAs: 'calls',
    which: 't.created_at < now() - make_interval(days => $1)',
    order: 't.created_at, t.id',
    along: [],
  },
  {
    table: 'budget_scopes',
    keptAs: 'workflows',
    which: `t.created_at < now() - make_interval(days => greatest($1, ${SCOPE_DAYS}))
        AND t.updated_at < now() - make_interval(days => greatest($1, ${SCOPE_DAYS}))
        AND t.kind IN ('workflow', 'principal_day', 'autonomous_day', 'system_day', 'system_month') AND t.reserved_usd = 0 AND t.in_doubt_usd = 0 AND t.own_limit_usd IS NULL
        AND NOT EXISTS (SELECT FROM workflows w WHERE w.id = ${KEY_ID})
        AND NOT EXISTS (SELECT FROM orchestrators o WHERE o.id = ${KEY_ID})`,
    order: 't.created_at, t.id',
    along: [],
  },
  {
    table: 'executors',
    keptAs: 'workflows',
    which: `t.status = 'gone' AND t.ended_at < now() - make_interval(days => $1)`,
    order: 't.ended_at, t.id',
    along: [],
  },
] as const;

/** The ids of the first of them that nobody else holds, and holds them. $1 days. */
export const oldLoose = ({ table, which, order }: (typeof LOOSE)[number], limit: number): string =>
  `SELECT t.id FROM ${table} t WHERE ${which} ORDER BY ${order} LIMIT ${limit} FOR UPDATE OF t SKIP LOCKED`;

/** What an archive may hold. */
export const ARCHIVED_TABLES: ReadonlySet<string> = new Set([
  ...TABLES.map(([table]) => table),
  ...DURABLE_TABLES.map(({ table }) => table),
  ...LOOSE.map(({ table }) => table),
]);

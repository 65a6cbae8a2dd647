import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What is counted: its kind, and the milliseconds it took, where that is kept. */
const COUNTED = [
  {
    kind: 'workflow',
    table: 'workflows',
    columns: ['status', 'started_at', 'completed_at'],
    tookMs: (row: string) =>
      `CASE WHEN ${row}.status = 'completed' THEN extract(epoch FROM ${row}.completed_at - ${row}.started_at) * 1000 END`,
  },
  { kind: 'agent', table: 'agents', columns: ['status'], tookMs: undefined },
  { kind: 'motivational_task', table: 'motivational_tasks', columns: ['status'], tookMs: undefined },
  {
    kind: 'tool_execution',
    table: 'tool_executions',
    columns: ['status', 'duration_ms'],
    tookMs: (row: string) => `CASE WHEN ${row}.status = 'succeeded' THEN ${row}.duration_ms END`,
  },
];

const bucketOf = (tookMs: ((row: string) => string) | undefined, row: string): string =>
  tookMs === undefined ? 'NULL' : `duration_bucket((${tookMs(row)})::float8)`;

const notesOf = ({ kind, table, columns, tookMs }: (typeof COUNTED)[number]): string[] => {
  const change = columns.map((column) => `OLD."${column}" IS DISTINCT FROM NEW."${column}"`).join(' OR ');
  return [
    `CREATE FUNCTION "note_${kind}_status"() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN
       INSERT INTO status_changes (kind, from_status, from_bucket, to_status, to_bucket)
       VALUES ('${kind}', OLD.status, ${bucketOf(tookMs, 'OLD')}, NEW.status, ${bucketOf(tookMs, 'NEW')});
       RETURN NULL;
     END $$`,
    `CREATE TRIGGER "note_status" AFTER INSERT OR DELETE ON "${table}"
       FOR EACH ROW EXECUTE FUNCTION "note_${kind}_status"()`,
    `CREATE TRIGGER "note_status_change" AFTER UPDATE OF ${columns.map((column) => `"${column}"`).join(', ')} ON "${table}"
       FOR EACH ROW WHEN (${change}) EXECUTE FUNCTION "note_${kind}_status"()`,
    `INSERT INTO status_counts (kind, status, bucket, count)
     SELECT '${kind}', t.status, coalesce(${bucketOf(tookMs, 't')}, -1), count(*) FROM "${table}" t GROUP BY 1, 2, 3`,
  ];
};

const UP = [
  // Nothing changes between the count and the end of this migration.
  ...COUNTED.map(({ table }) => `LOCK TABLE "${table}" IN SHARE ROW EXCLUSIVE MODE`),
  // A roll-up changes the same rows again and again: with room for the next versions beside it each stays on its page.
  `CREATE TABLE "status_counts" (
    "kind" varchar(20) NOT NULL,
    "status" varchar(20) NOT NULL,
    "bucket" smallint NOT NULL DEFAULT -1,
    "count" bigint NOT NULL,
    CONSTRAINT "pk_status_counts" PRIMARY KEY ("kind", "status", "bucket")
  ) WITH (fillfactor = 40)`,
  // Without a key: nobody looks for one of them.
  `CREATE TABLE "status_changes" (
    "kind" varchar(20) NOT NULL,
    "from_status" varchar(20),
    "from_bucket" smallint,
    "to_status" varchar(20),
    "to_bucket" smallint
  )`,
  // As src/llm/stats/latency.rules.ts has it.
  `CREATE FUNCTION "duration_bucket"(ms float8) RETURNS smallint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (CASE WHEN ms < 100 THEN greatest(0, floor(ms)) ELSE 100 + floor(ln(floor(ms) / 100) / ln(1.02::float8)) END)::smallint
  $$`,
  ...COUNTED.flatMap(notesOf),
];

const DOWN = [
  ...COUNTED.flatMap(({ kind, table }) => [
    `DROP TRIGGER "note_status_change" ON "${table}"`,
    `DROP TRIGGER "note_status" ON "${table}"`,
    `DROP FUNCTION "note_${kind}_status"()`,
  ]),
  'DROP FUNCTION "duration_bucket"(float8)',
  'DROP TABLE "status_changes"',
  'DROP TABLE "status_counts"',
];

/** How many workflows, agents, tasks and tool executions there are of each status, counted as they change. */
export class StatusCounts1796100600000 implements MigrationInterface {
  readonly name = 'StatusCounts1796100600000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

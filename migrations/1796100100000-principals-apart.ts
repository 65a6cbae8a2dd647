import type { MigrationInterface, QueryRunner } from 'typeorm';

const OF_PRINCIPALS = [
  ['workflows', 'created_at'],
  ['memories', 'created_at'],
  ['schedules', 'created_at'],
  ['triggers', 'created_at'],
  ['outside_events', 'created_at'],
  ['workflow_templates', 'created_at'],
  ['llm_interactions', 'request_timestamp'],
  ['tool_executions', 'started_at'],
] as const;

/** Lists of one principal's rows by an index, and whose a workflow template is. */
export class PrincipalsApart1796100100000 implements MigrationInterface {
  readonly name = 'PrincipalsApart1796100100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE workflow_templates ADD COLUMN principal_id varchar(100)');
    await runner.query(`UPDATE workflow_templates t SET principal_id = v.created_by FROM workflow_template_versions v
      WHERE v.template_id = t.id AND v.version = 1
        AND NOT EXISTS (SELECT FROM users u WHERE u.id::text = v.created_by AND u.role = 'admin')
        AND NOT EXISTS (SELECT FROM api_keys k WHERE k.id::text = v.created_by AND k.role = 'admin')`);
    for (const [table, time] of OF_PRINCIPALS) {
      await runner.query(`CREATE INDEX ix_${table}_principal ON ${table} (principal_id, ${time}, id)`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [table] of OF_PRINCIPALS) await runner.query(`DROP INDEX ix_${table}_principal`);
    await runner.query('ALTER TABLE workflow_templates DROP COLUMN principal_id');
  }
}

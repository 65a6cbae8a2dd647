import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The trace that a workflow belongs to. */
export class WorkflowTraces1796100700000 implements MigrationInterface {
  readonly name = 'WorkflowTraces1796100700000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE workflows ADD traceparent varchar(55)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE workflows DROP COLUMN traceparent');
  }
}

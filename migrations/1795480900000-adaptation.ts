import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How a running workflow goes on: what was adapted, and how many councils were held over failed subtasks. */
export class Adaptation1795480900000 implements MigrationInterface {
  name = 'Adaptation1795480900000';

  async up(query: QueryRunner): Promise<void> {
    await query.query(
      `ALTER TABLE workflows ADD COLUMN pace jsonb NOT NULL DEFAULT '{"applied": []}',
                             ADD COLUMN recovery_councils integer NOT NULL DEFAULT 0`,
    );
  }

  async down(query: QueryRunner): Promise<void> {
    await query.query('ALTER TABLE workflows DROP COLUMN recovery_councils, DROP COLUMN pace');
  }
}

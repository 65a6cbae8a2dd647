import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Limits of single scopes, warnings, releases, and the lists of balances. */
export class BudgetLedger1795478500000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "budget_scopes"
      ADD "own_limit_usd" numeric(20,10),
      ADD "warned_at" timestamptz,
      ADD CONSTRAINT "ck_budget_scopes_own_limit" CHECK ("own_limit_usd" > 0)`);
    await queryRunner.query(`CREATE INDEX "ix_budget_scopes_created_at" ON "budget_scopes" ("created_at", "id")`);
    await queryRunner.query(`CREATE INDEX "ix_budget_scopes_kind" ON "budget_scopes" ("kind", "created_at", "id")`);
    await queryRunner.query(
      `ALTER TABLE "budget_ledger" ADD "released_by" varchar(100), ADD "released_at" timestamptz`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "budget_ledger" DROP COLUMN "released_at", DROP COLUMN "released_by"`);
    await queryRunner.query(`DROP INDEX "ix_budget_scopes_kind"`);
    await queryRunner.query(`DROP INDEX "ix_budget_scopes_created_at"`);
    await queryRunner.query(`ALTER TABLE "budget_scopes" DROP CONSTRAINT "ck_budget_scopes_own_limit",
      DROP COLUMN "warned_at", DROP COLUMN "own_limit_usd"`);
  }
}

import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { oneOf } from '../../database/checks.js';
import { BUDGET_SCOPE_KINDS, type BudgetScopeKind } from './budget.values.js';

@Entity('budget_scopes')
@Check('ck_budget_scopes_kind', oneOf('kind', BUDGET_SCOPE_KINDS))
@Check('ck_budget_scopes_limit', '"limit_usd" >= 0')
@Check('ck_budget_scopes_own_limit', '"own_limit_usd" > 0')
@Check('ck_budget_scopes_balances', '"spent_usd" >= 0 AND "reserved_usd" >= 0 AND "in_doubt_usd" >= 0')
@Index('uq_budget_scopes_kind_key', ['kind', 'key'], { unique: true })
@Index('ix_budget_scopes_created_at', ['createdAt', 'id'])
@Index('ix_budget_scopes_kind', ['kind', 'createdAt', 'id'])
export class BudgetScopeEntity {
  @PrimaryColumn({ name: 'id', type: 'uuid', primaryKeyConstraintName: 'pk_budget_scopes' })
  id!: string;

  @Column({ name: 'kind', type: 'varchar', length: 30 })
  kind!: BudgetScopeKind;

  @Column({ name: 'key', type: 'varchar', length: 100 })
  key!: string;

  /** A workflow's from its acceptance; of other kinds the one that was configured when it was last reserved from. Null: none. */
  @Column({ name: 'limit_usd', type: 'numeric', precision: 20, scale: 10, nullable: true })
  limitUsd!: string | null;

  /** Set by an admin for this scope alone; goes before `limit_usd`. */
  @Column({ name: 'own_limit_usd', type: 'numeric', precision: 20, scale: 10, nullable: true })
  ownLimitUsd!: string | null;

  @Column({ name: 'spent_usd', type: 'numeric', precision: 20, scale: 10, default: 0 })
  spentUsd!: string;

  @Column({ name: 'reserved_usd', type: 'numeric', precision: 20, scale: 10, default: 0 })
  reservedUsd!: string;

  @Column({ name: 'in_doubt_usd', type: 'numeric', precision: 20, scale: 10, default: 0 })
  inDoubtUsd!: string;

  /** When its use first passed 80 % of the limit it has now. */
  @Column({ name: 'warned_at', type: 'timestamptz', nullable: true })
  warnedAt!: Date | null;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;

  @Column({ name: 'updated_at', type: 'timestamptz', default: () => 'now()' })
  updatedAt!: Date;
}

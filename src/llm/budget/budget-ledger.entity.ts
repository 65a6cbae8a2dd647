import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { oneOf } from '../../database/checks.js';
import { BUDGET_LEDGER_STATUSES, type BudgetLedgerStatus } from './budget.values.js';

@Entity('budget_ledger')
@Check('ck_budget_ledger_status', oneOf('status', BUDGET_LEDGER_STATUSES))
@Check('ck_budget_ledger_amounts', '"reserved_usd" >= 0 AND "actual_usd" >= 0')
@Index('uq_budget_ledger_interaction', ['interactionId'], { unique: true })
@Index('ix_budget_ledger_open', ['executorId', 'reservedAt'], { where: "status IN ('reserved', 'in_doubt')" })
export class BudgetLedgerEntity {
  @PrimaryColumn({ name: 'id', type: 'uuid', primaryKeyConstraintName: 'pk_budget_ledger' })
  id!: string;

  @Column({ name: 'interaction_id', type: 'uuid' })
  interactionId!: string;

  @Column({ name: 'scope_ids', type: 'uuid', array: true })
  scopeIds!: string[];

  @Column({ name: 'executor_id', type: 'varchar', length: 100 })
  executorId!: string;

  @Column({ name: 'status', type: 'varchar', length: 20 })
  status!: BudgetLedgerStatus;

  @Column({ name: 'reserved_usd', type: 'numeric', precision: 20, scale: 10 })
  reservedUsd!: string;

  @Column({ name: 'actual_usd', type: 'numeric', precision: 20, scale: 10, nullable: true })
  actualUsd!: string | null;

  @Column({ name: 'reserved_at', type: 'timestamptz', default: () => 'now()' })
  reservedAt!: Date;

  @Column({ name: 'settled_at', type: 'timestamptz', nullable: true })
  settledAt!: Date | null;

  /** The admin who gave back what was in doubt; stays when the truth comes in later and is booked. */
  @Column({ name: 'released_by', type: 'varchar', length: 100, nullable: true })
  releasedBy!: string | null;

  @Column({ name: 'released_at', type: 'timestamptz', nullable: true })
  releasedAt!: Date | null;
}

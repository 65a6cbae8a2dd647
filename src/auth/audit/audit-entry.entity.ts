import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { oneOf } from '../../database/checks.js';
import { AUDIT_OUTCOMES, type AuditOutcome } from './audit.values.js';

/** One act. Numbers, times and hashes are the database's own; nothing is ever changed, and removed only from the beginning, by retention. */
@Entity('audit_log')
@Check('ck_audit_log_outcome', oneOf('outcome', AUDIT_OUTCOMES))
@Check('ck_audit_log_numbers', '"seq" > 0 AND "repeated" > 0 AND "status" BETWEEN 100 AND 599')
@Index('uq_audit_log_seq', ['seq'], { unique: true })
@Index('ix_audit_log_at', ['at', 'id'])
@Index('ix_audit_log_actor', ['actorId', 'at', 'id'])
@Index('ix_audit_log_action', ['action', 'at', 'id'])
export class AuditEntryEntity {
  @PrimaryColumn({ name: 'id', type: 'uuid', primaryKeyConstraintName: 'pk_audit_log' })
  id!: string;

  /** 1, 2, 3 … in the order of commits. */
  @Column({ name: 'seq', type: 'bigint' })
  seq!: string;

  @Column({ name: 'at', type: 'timestamptz' })
  at!: Date;

  /** Null: nobody that NYX knows. */
  @Column({ name: 'actor_id', type: 'varchar', length: 100, nullable: true })
  actorId!: string | null;

  @Column({ name: 'actor_name', type: 'varchar', length: 100, nullable: true })
  actorName!: string | null;

  @Column({ name: 'actor_kind', type: 'varchar', length: 20, nullable: true })
  actorKind!: string | null;

  @Column({ name: 'actor_role', type: 'varchar', length: 20, nullable: true })
  actorRole!: string | null;

  /** The operation, as the API description names it. */
  @Column({ name: 'action', type: 'varchar', length: 100 })
  action!: string;

  @Column({ name: 'method', type: 'varchar', length: 10 })
  method!: string;

  /** Without the query. */
  @Column({ name: 'path', type: 'varchar', length: 500 })
  path!: string;

  /** What it was done to. */
  @Column({ name: 'target', type: 'varchar', length: 300, nullable: true })
  target!: string | null;

  @Column({ name: 'outcome', type: 'varchar', length: 20 })
  outcome!: AuditOutcome;

  @Column({ name: 'status', type: 'integer', nullable: true })
  status!: number | null;

  @Column({ name: 'error_code', type: 'varchar', length: 60, nullable: true })
  errorCode!: string | null;

  @Column({ name: 'address', type: 'varchar', length: 64, nullable: true })
  address!: string | null;

  @Column({ name: 'request_id', type: 'varchar', length: 128, nullable: true })
  requestId!: string | null;

  /** How often, where many alike are told at once. */
  @Column({ name: 'repeated', type: 'integer', default: 1 })
  repeated!: number;

  /** SHA-256 over the hash before it and this row, hex. */
  @Column({ name: 'hash', type: 'varchar', length: 64 })
  hash!: string;
}

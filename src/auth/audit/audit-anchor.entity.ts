import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** The last entry that retention took out of the audit log: what is left is verified from it. One row, or none. */
@Entity('audit_anchor')
@Check('ck_audit_anchor_one', '"id" = 1')
export class AuditAnchorEntity {
  @PrimaryColumn({ name: 'id', type: 'integer', primaryKeyConstraintName: 'pk_audit_anchor' })
  id!: number;

  @Column({ name: 'seq', type: 'bigint' })
  seq!: string;

  @Column({ name: 'hash', type: 'varchar', length: 64 })
  hash!: string;

  /** The entry that tells of it. */
  @Column({ name: 'told_seq', type: 'bigint' })
  toldSeq!: string;

  @Column({ name: 'cut_at', type: 'timestamptz', default: () => 'now()' })
  cutAt!: Date;
}

import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('event_streams')
@Check('ck_event_streams_last_seq', '"last_seq" >= 0')
@Check('ck_event_streams_progress', '"progress" BETWEEN 0 AND 100')
export class EventStreamEntity {
  @PrimaryColumn({ name: 'workflow_id', type: 'uuid', primaryKeyConstraintName: 'pk_event_streams' })
  workflowId!: string;

  @Column({ name: 'last_seq', type: 'bigint', default: 0 })
  lastSeq!: string;

  /** The furthest that the workflow has come, in percent. */
  @Column({ name: 'progress', type: 'numeric', precision: 5, scale: 2, default: 0 })
  progress!: string;

  @Column({ name: 'owner_id', type: 'varchar', length: 100, nullable: true })
  ownerId!: string | null;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;
}

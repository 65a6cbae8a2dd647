import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';

@Entity('workflow_events')
@Check('ck_workflow_events_seq', '"seq" > 0')
export class WorkflowEventEntity {
  @PrimaryColumn({ name: 'workflow_id', type: 'uuid', primaryKeyConstraintName: 'pk_workflow_events' })
  @ForeignKey('EventStreamEntity', { name: 'fk_workflow_events_stream', onDelete: 'CASCADE' })
  workflowId!: string;

  @PrimaryColumn({ name: 'seq', type: 'bigint', primaryKeyConstraintName: 'pk_workflow_events' })
  seq!: string;

  @Column({ name: 'type', type: 'varchar', length: 50 })
  type!: string;

  @Column({ name: 'at', type: 'timestamptz', default: () => 'clock_timestamp()' })
  at!: Date;

  @Column({ name: 'data', type: 'jsonb', default: () => "'{}'" })
  data!: Record<string, unknown>;
}

import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';

/** What one principal thinks of an ended workflow. */
@Entity('workflow_feedback')
@Check('ck_workflow_feedback_score', '"score" BETWEEN 0 AND 1')
export class WorkflowFeedbackEntity {
  @PrimaryColumn({ name: 'workflow_id', type: 'uuid', primaryKeyConstraintName: 'pk_workflow_feedback' })
  @ForeignKey('WorkflowEntity', { name: 'fk_workflow_feedback_workflow', onDelete: 'CASCADE' })
  workflowId!: string;

  @PrimaryColumn({
    name: 'principal_id',
    type: 'varchar',
    length: 100,
    primaryKeyConstraintName: 'pk_workflow_feedback',
  })
  principalId!: string;

  @Column({ name: 'score', type: 'double precision' })
  score!: number;

  @Column({ name: 'comment', type: 'text', nullable: true })
  comment!: string | null;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;

  @Column({ name: 'updated_at', type: 'timestamptz', default: () => 'now()' })
  updatedAt!: Date;
}

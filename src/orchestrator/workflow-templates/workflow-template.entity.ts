import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

@Entity('workflow_templates')
@Check('ck_workflow_templates_version', '"version" >= 1')
@Index('uq_workflow_templates_name', ['name'], { unique: true })
@Index('ix_workflow_templates_created_at', ['createdAt', 'id'])
@Index('ix_workflow_templates_principal', ['principalId', 'createdAt', 'id'])
export class WorkflowTemplateEntity {
  @PrimaryColumn({ name: 'id', type: 'uuid', primaryKeyConstraintName: 'pk_workflow_templates' })
  id!: string;

  @Column({ name: 'name', type: 'varchar', length: 100 })
  name!: string;

  /** Whose it is; null: an admin made it, for all. */
  @Column({ name: 'principal_id', type: 'varchar', length: 100, nullable: true })
  principalId!: string | null;

  /** The newest, which is the one that runs. */
  @Column({ name: 'version', type: 'integer' })
  version!: number;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;

  @Column({ name: 'updated_at', type: 'timestamptz', default: () => 'now()' })
  updatedAt!: Date;
}

@Entity('workflow_template_versions')
@Check('ck_workflow_template_versions_version', '"version" >= 1')
export class WorkflowTemplateVersionEntity {
  @PrimaryColumn({ name: 'template_id', type: 'uuid', primaryKeyConstraintName: 'pk_workflow_template_versions' })
  @ForeignKey('WorkflowTemplateEntity', { name: 'fk_workflow_template_versions_template', onDelete: 'CASCADE' })
  templateId!: string;

  @PrimaryColumn({ name: 'version', type: 'integer', primaryKeyConstraintName: 'pk_workflow_template_versions' })
  version!: number;

  @Column({ name: 'description', type: 'text', nullable: true })
  description!: string | null;

  @Column({ name: 'request', type: 'jsonb' })
  request!: Record<string, unknown>;

  @Column({ name: 'created_by', type: 'varchar', length: 100 })
  createdBy!: string;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;
}

import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { oneOf } from '../../database/checks.js';
import { TEMPLATE_TYPES, type TemplateType } from './prompt-template.values.js';

@Entity('prompt_templates')
@Check('ck_prompt_templates_type', oneOf('template_type', TEMPLATE_TYPES))
@Check('ck_prompt_templates_version', '"version" >= 1')
@Check('ck_prompt_templates_usage', '"usage_count" >= 0 AND "success_rate" BETWEEN 0 AND 1')
@Check('ck_prompt_templates_successes', '"success_count" >= 0 AND "success_count" <= "usage_count"')
@Index('ix_prompt_templates_created_at', ['createdAt', 'id'])
@Index('uq_prompt_templates_name_version', ['name', 'version'], { unique: true })
@Index('uq_prompt_templates_active', ['name'], { unique: true, where: 'is_active' })
export class PromptTemplateEntity {
  @PrimaryColumn({ name: 'id', type: 'uuid', primaryKeyConstraintName: 'pk_prompt_templates' })
  id!: string;

  @Column({ name: 'name', type: 'varchar', length: 100 })
  name!: string;

  @Column({ name: 'template_type', type: 'varchar', length: 20 })
  templateType!: TemplateType;

  @Column({ name: 'content', type: 'text' })
  content!: string;

  @Column({ name: 'variables', type: 'jsonb', default: () => "'[]'" })
  variables!: unknown[];

  @Column({ name: 'version', type: 'integer' })
  version!: number;

  @Column({ name: 'is_active', type: 'boolean', default: true })
  isActive!: boolean;

  @Column({ name: 'activated_at', type: 'timestamptz', nullable: true })
  activatedAt!: Date | null;

  @Column({ name: 'created_by', type: 'varchar', length: 100, nullable: true })
  createdBy!: string | null;

  @Column({ name: 'usage_count', type: 'bigint', default: 0 })
  usageCount!: string;

  @Column({ name: 'success_count', type: 'bigint', default: 0 })
  successCount!: string;

  @Column({ name: 'success_rate', type: 'double precision', nullable: true })
  successRate!: number | null;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;

  @Column({ name: 'updated_at', type: 'timestamptz', default: () => 'now()' })
  updatedAt!: Date;
}

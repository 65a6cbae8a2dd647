import { Check, Column, Entity, PrimaryColumn } from 'typeorm';
import type { TemplateRef } from './built-in-template.js';

/** A call that ended and is not yet counted in the figures of the templates its prompt was made of. */
@Entity('prompt_template_uses')
@Check('ck_prompt_template_uses_version', '"template_version" >= 1')
export class PromptTemplateUseEntity {
  @PrimaryColumn({ name: 'interaction_id', type: 'uuid', primaryKeyConstraintName: 'pk_prompt_template_uses' })
  interactionId!: string;

  @Column({ name: 'template_name', type: 'varchar', length: 100 })
  templateName!: string;

  @Column({ name: 'template_version', type: 'integer' })
  templateVersion!: number;

  @Column({ name: 'other_templates', type: 'jsonb', default: () => "'[]'" })
  otherTemplates!: readonly TemplateRef[];

  @Column({ name: 'success', type: 'boolean' })
  success!: boolean;
}

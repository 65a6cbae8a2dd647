import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { oneOf } from '../../database/checks.js';
import {
  IMPORTANCE_LEVELS,
  type ImportanceLevel,
  THOUGHT_STATUSES,
  type ThoughtStatus,
} from './thought-tree.values.js';

@Entity('thought_trees')
@Check('ck_thought_trees_status', oneOf('status', THOUGHT_STATUSES))
@Check('ck_thought_trees_importance', oneOf('importance_level', IMPORTANCE_LEVELS))
@Check('ck_thought_trees_depth', '"depth" >= 0')
@Check(
  'ck_thought_trees_scores',
  '"success_score" BETWEEN 0 AND 1 AND "quality_score" BETWEEN 0 AND 1 AND "speed_score" BETWEEN 0 AND 1 AND "usefulness_score" BETWEEN 0 AND 1 AND "overall_weight" BETWEEN 0 AND 1',
)
@Check('ck_thought_trees_root', '("parent_id" IS NULL) = ("id" = "root_id")')
@Index('ix_thought_trees_root', ['rootId', 'id'])
@Index('ix_thought_trees_parent', ['parentId'])
@Index('ix_thought_trees_created_at', ['createdAt', 'id'])
@Index('ix_thought_trees_status', ['status', 'createdAt', 'id'])
@Index('ix_thought_trees_completed_at', ['completedAt'], { where: 'completed_at IS NOT NULL' })
export class ThoughtTreeEntity {
  @PrimaryColumn({ name: 'id', type: 'uuid', primaryKeyConstraintName: 'pk_thought_trees' })
  id!: string;

  @Column({ name: 'parent_id', type: 'uuid', nullable: true })
  @ForeignKey('ThoughtTreeEntity', { name: 'fk_thought_trees_parent', onDelete: 'CASCADE' })
  parentId!: string | null;

  @Column({ name: 'root_id', type: 'uuid' })
  @ForeignKey('WorkflowEntity', { name: 'fk_thought_trees_workflow', onDelete: 'CASCADE' })
  rootId!: string;

  @Column({ name: 'goal', type: 'text' })
  goal!: string;

  @Column({ name: 'status', type: 'varchar', length: 20, default: 'pending' })
  status!: ThoughtStatus;

  @Column({ name: 'depth', type: 'integer', default: 0 })
  depth!: number;

  @Column({ name: 'position', type: 'integer', default: 0 })
  position!: number;

  @Column({ name: 'completed_at', type: 'timestamptz', nullable: true })
  completedAt!: Date | null;

  @Column({ name: 'metadata', type: 'jsonb', default: () => "'{}'" })
  metadata!: Record<string, unknown>;

  /** What people wrote; shown with the metadata, whose names it never has. */
  @Column({ name: 'annotations', type: 'jsonb', default: () => "'{}'" })
  annotations!: Record<string, unknown>;

  @Column({ name: 'success_score', type: 'double precision', nullable: true })
  successScore!: number | null;

  @Column({ name: 'quality_score', type: 'double precision', nullable: true })
  qualityScore!: number | null;

  @Column({ name: 'speed_score', type: 'double precision', nullable: true })
  speedScore!: number | null;

  @Column({ name: 'usefulness_score', type: 'double precision', nullable: true })
  usefulnessScore!: number | null;

  @Column({ name: 'overall_weight', type: 'double precision', default: () => '0.5' })
  overallWeight!: number;

  @Column({ name: 'importance_level', type: 'varchar', length: 20, default: 'medium' })
  importanceLevel!: ImportanceLevel;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;

  @Column({ name: 'updated_at', type: 'timestamptz', default: () => 'now()' })
  updatedAt!: Date;
}

import { Entity, PrimaryColumn } from 'typeorm';
import { UsageSums } from './usage-sums.js';

const key = { primaryKeyConstraintName: 'pk_llm_workflow_usage' } as const;

/** Rolled-up model calls of a workflow on a UTC day. It keeps the money of a workflow that is erased. */
@Entity('llm_workflow_usage')
export class WorkflowUsageEntity extends UsageSums {
  @PrimaryColumn({ name: 'day', type: 'date', ...key })
  day!: string;

  @PrimaryColumn({ name: 'workflow_id', type: 'uuid', ...key })
  workflowId!: string;
}

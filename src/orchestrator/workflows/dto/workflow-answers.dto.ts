import { ApiProperty } from '@nestjs/swagger';
import {
  INPUT_TYPES,
  PRIORITIES,
  STRATEGIES,
  URGENCIES,
  WORKFLOW_ORIGINS,
  WORKFLOW_PHASES,
  WORKFLOW_STATUSES,
  type InputType,
  type Priority,
  type Urgency,
  type WorkflowOrigin,
  type WorkflowPhase,
  type WorkflowStatus,
} from '../workflow.values.js';

const ID = { type: String, format: 'uuid', example: '019ab0c4-5d6e-7f80-9123-456789abcdef' } as const;
const TIME = { type: String, format: 'date-time', example: '2026-11-23T08:00:00.000Z' } as const;
const USD = { type: Number, minimum: 0, example: 0.0012, description: 'USD, up to ten decimals.' } as const;
const FREE = { type: 'object', additionalProperties: true } as const;

const RESULT_METADATA_EXAMPLE = {
  strategy: 'direct_execution',
  strategy_used: 'direct_execution',
  strategy_reasons: ['overall complexity is low'],
  strategy_alternatives: [
    { strategy: 'sequential_decomposition', reason: 'another rule comes first', success: 0.5, samples: 0 },
  ],
  complexity: { overall: 'low', decomposition_needed: false },
  estimate: { llm_calls: 1, agents: 1, cost_usd: 0.0012, duration_ms: 1800, basis: { kind: 'history', samples: 12 } },
  agents: { total: 1, completed: 1, failed: 0, active: 0 },
  tokens: { input: 41, output: 87, total: 128 },
  provider: 'anthropic',
  warnings: [],
};

export class WorkflowResult {
  @ApiProperty({ ...ID })
  workflow_id!: string;

  @ApiProperty({ type: Boolean, description: 'Whether the workflow did what it was asked to.', example: true })
  success!: boolean;

  @ApiProperty({ type: String, example: 'Holding papers, resetting a router, marking a page.' })
  content!: string;

  @ApiProperty({
    ...FREE,
    description: 'How it went: strategy, agents, tokens, scores; `error` when it failed.',
    example: RESULT_METADATA_EXAMPLE,
  })
  metadata!: Record<string, unknown>;

  @ApiProperty({ type: Number, example: 1840, description: 'From the start of the work to its end, in milliseconds.' })
  execution_time_ms!: number;

  @ApiProperty({ ...USD })
  cost_usd!: number;

  @ApiProperty({ ...TIME })
  timestamp!: string;
}

export class WorkflowAccepted {
  @ApiProperty({ ...ID })
  workflow_id!: string;

  @ApiProperty({ enum: WORKFLOW_STATUSES, enumName: 'WorkflowStatus', example: 'pending' })
  status!: WorkflowStatus;

  @ApiProperty({ type: Boolean, nullable: true, example: null })
  success!: null;

  @ApiProperty({ type: String, example: '' })
  content!: string;

  @ApiProperty({ ...FREE, example: {} })
  metadata!: Record<string, unknown>;
}

export class AgentCounts {
  @ApiProperty({ type: 'integer', example: 2 })
  active!: number;

  @ApiProperty({ type: 'integer', example: 3 })
  completed!: number;

  @ApiProperty({ type: 'integer', example: 0 })
  failed!: number;
}

export class TokenCounts {
  @ApiProperty({ type: 'integer', example: 1200 })
  input!: number;

  @ApiProperty({ type: 'integer', example: 640 })
  output!: number;

  @ApiProperty({ type: 'integer', example: 1840 })
  total!: number;
}

export class WorkflowStatusView {
  @ApiProperty({ ...ID })
  workflow_id!: string;

  @ApiProperty({ enum: WORKFLOW_STATUSES, enumName: 'WorkflowStatus', example: 'in_progress' })
  status!: WorkflowStatus;

  @ApiProperty({ ...TIME })
  created_at!: string;

  @ApiProperty({ ...TIME })
  updated_at!: string;

  @ApiProperty({ ...FREE, example: { paused: false, priority: 'medium' } })
  metadata!: Record<string, unknown>;

  @ApiProperty({
    type: Number,
    minimum: 0,
    maximum: 100,
    example: 42.5,
    description:
      'By the weights of what was planned. Never falls, 100 only when it has completed; one that failed or was cancelled keeps what it had.',
  })
  progress_percentage!: number;

  @ApiProperty({ enum: WORKFLOW_PHASES, enumName: 'WorkflowPhase', example: 'executing' })
  phase!: WorkflowPhase;

  @ApiProperty({ type: String, nullable: true, example: 'parallel_execution' })
  strategy!: string | null;

  @ApiProperty({ type: AgentCounts })
  agents!: AgentCounts;

  @ApiProperty({ ...USD })
  cost_usd!: number;

  @ApiProperty({ type: TokenCounts })
  tokens!: TokenCounts;

  @ApiProperty({ type: 'integer', example: 0 })
  pending_approvals!: number;

  @ApiProperty({ type: Number, example: 5300, description: 'Milliseconds since the start of the work; 0 before.' })
  elapsed_ms!: number;

  @ApiProperty({
    type: Number,
    nullable: true,
    example: 4200,
    description:
      'Milliseconds of work, by its own pace or by what workflows of its class took, whichever is surer; null when neither says anything.',
  })
  estimated_remaining_ms!: number | null;

  @ApiProperty({
    type: Number,
    nullable: true,
    example: 900,
    description: 'About one standard deviation of estimated_remaining_ms.',
  })
  estimated_remaining_error_ms!: number | null;

  @ApiProperty({ type: [String], example: [], description: 'Subtasks that others wait for.' })
  bottlenecks!: string[];

  @ApiProperty({ type: [String], example: ['technical complexity is high'] })
  risk_factors!: string[];

  @ApiProperty({ ...FREE, example: { agent_success_rate: 1 } })
  quality_indicators!: Record<string, unknown>;
}

export class WorkflowChange {
  @ApiProperty({ ...ID })
  workflow_id!: string;

  @ApiProperty({ enum: WORKFLOW_STATUSES, enumName: 'WorkflowStatus', example: 'cancelled' })
  status!: WorkflowStatus;
}

export class WorkflowView {
  @ApiProperty({ ...ID })
  workflow_id!: string;

  @ApiProperty({ enum: INPUT_TYPES, enumName: 'InputType', example: 'user_prompt' })
  input_type!: InputType;

  @ApiProperty({ type: String, example: 'Name three uses of a paper clip.' })
  goal!: string;

  @ApiProperty({ enum: WORKFLOW_STATUSES, enumName: 'WorkflowStatus', example: 'completed' })
  status!: WorkflowStatus;

  @ApiProperty({ enum: WORKFLOW_PHASES, enumName: 'WorkflowPhase', example: 'completed' })
  phase!: WorkflowPhase;

  @ApiProperty({ enum: STRATEGIES, enumName: 'Strategy', nullable: true, example: 'direct_execution' })
  strategy!: string | null;

  @ApiProperty({ enum: WORKFLOW_ORIGINS, enumName: 'WorkflowOrigin', example: 'user' })
  origin!: WorkflowOrigin;

  @ApiProperty({ ...ID, nullable: true, example: null, description: 'The schedule that fired it.' })
  schedule_id!: string | null;

  @ApiProperty({ ...ID, nullable: true, example: null, description: 'The trigger that fired it.' })
  trigger_id!: string | null;

  @ApiProperty({ enum: PRIORITIES, enumName: 'Priority', example: 'medium' })
  priority!: Priority;

  @ApiProperty({ enum: URGENCIES, enumName: 'Urgency', example: 'normal' })
  urgency!: Urgency;

  @ApiProperty({ type: Boolean, nullable: true, example: true })
  success!: boolean | null;

  @ApiProperty({ type: String, nullable: true, maxLength: 60, example: null, description: 'Why it failed.' })
  error_code!: string | null;

  @ApiProperty({ ...USD })
  cost_usd!: number;

  @ApiProperty({ ...TIME })
  created_at!: string;

  @ApiProperty({ ...TIME })
  updated_at!: string;

  @ApiProperty({ ...TIME, nullable: true })
  completed_at!: string | null;
}

export class WorkflowDetail extends WorkflowView {
  @ApiProperty({ ...ID, nullable: true, example: null, description: 'The workflow that it continues.' })
  parent_workflow_id!: string | null;

  @ApiProperty({
    type: 'array',
    items: { type: 'string', format: 'uuid' },
    maxItems: 100,
    example: ['019ab0c4-9d6e-7f80-9123-456789abcdef'],
    description: 'The workflows that continue it, newest first; `GET /workflows?parent_workflow_id=` lists them all.',
  })
  continuations!: string[];

  @ApiProperty({
    ...FREE,
    description: 'The request as it was accepted.',
    example: { content: { prompt: 'Name three uses of a paper clip.' } },
  })
  input!: Record<string, unknown>;

  @ApiProperty({
    ...FREE,
    nullable: true,
    description: 'Content, success and metadata once the workflow has ended.',
    example: {
      success: true,
      content: 'Holding papers, resetting a router, marking a page.',
      metadata: RESULT_METADATA_EXAMPLE,
      execution_time_ms: 1840,
    },
  })
  result!: Record<string, unknown> | null;

  @ApiProperty({
    ...FREE,
    description: 'In USD. `limit_usd` and `remaining_usd` are null where there is no limit.',
    example: { limit_usd: 5, spent_usd: 0.0012, reserved_usd: 0, in_doubt_usd: 0, remaining_usd: 4.9988 },
  })
  budget!: Record<string, unknown>;

  @ApiProperty({
    ...FREE,
    nullable: true,
    example: { speed: 0.5, quality: 1, success: 1, usefulness: 0.86, composite: 0.861 },
  })
  scores!: Record<string, unknown> | null;

  @ApiProperty({
    ...FREE,
    description: 'How useful people found it: one a principal, the newest 50 first.',
    example: {
      count: 1,
      mean_score: 0.9,
      items: [
        {
          principal_id: '019ab0c4-5d6e-7f80-9123-456789abcdef',
          score: 0.9,
          comment: 'Just what I needed.',
          updated_at: '2026-11-23T08:00:00.000Z',
        },
      ],
    },
  })
  feedback!: Record<string, unknown>;
}

export class WorkflowPage {
  @ApiProperty({ type: [WorkflowView] })
  items!: WorkflowView[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'The `cursor` of the next page.' })
  next_cursor!: string | null;
}

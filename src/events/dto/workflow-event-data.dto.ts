import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

/** Longer texts stand with the rows that an event refers to. */
export const MAX_EVENT_TEXT = 500;

const ID = { type: String, format: 'uuid', example: '019ab0c4-5d6e-7f80-9123-456789abcdef' } as const;
const TEXT = { type: String, maxLength: MAX_EVENT_TEXT } as const;
const TASK = { type: String, maxLength: 100, example: 'content_summary' } as const;
const USD = { type: Number, minimum: 0 } as const;
const PERCENTAGE = { type: Number, minimum: 0, maximum: 100 } as const;

const PROGRESS = { ...PERCENTAGE, description: 'How far the workflow has come: never less than before.' } as const;

const INPUT_TYPES = [
  'user_prompt',
  'structured_task',
  'goal_workflow',
  'scheduled_workflow',
  'reactive_workflow',
  'continuation_workflow',
] as const;
const PRIORITIES = ['low', 'medium', 'high', 'critical'] as const;
const URGENCIES = ['low', 'normal', 'high', 'critical'] as const;
const COMPLEXITIES = ['low', 'medium', 'high', 'critical'] as const;
const CONSENSUS_LEVELS = ['unanimous', 'strong', 'majority', 'none'] as const;
const BUDGET_SCOPES = ['workflow', 'session', 'principal_day', 'autonomous_day', 'system_day', 'system_month'] as const;
const ADAPTATIONS = [
  'cost_overrun_risk',
  'time_overrun_risk',
  'high_failure_rate',
  'coordination_issues',
  'council_review',
  'recovery_abort',
  'failure_not_tolerated',
] as const;

export class WorkflowStartedData {
  @ApiProperty({ enum: ['pending'], example: 'pending' })
  status!: 'pending';

  @ApiProperty({ enum: INPUT_TYPES, example: 'user_prompt' })
  input_type!: (typeof INPUT_TYPES)[number];

  @ApiProperty({ enum: PRIORITIES, example: 'medium' })
  priority!: (typeof PRIORITIES)[number];

  @ApiProperty({ enum: URGENCIES, example: 'normal' })
  urgency!: (typeof URGENCIES)[number];
}

export class PlannedThoughtData {
  @ApiProperty({ ...ID, description: 'Of the subtask.' })
  thought_id!: string;

  @ApiProperty({ ...TEXT, example: 'Summarize the report' })
  title!: string;

  @ApiProperty({ ...TASK, description: 'What its agent is for.' })
  kind!: string;
}

export class WorkflowPlannedData {
  @ApiProperty({ ...ID, description: 'What was taken apart.' })
  thought_id!: string;

  @ApiPropertyOptional({ ...ID, description: 'The agent that did so; unset: its orchestrator.' })
  spawned_by?: string;

  @ApiProperty({ type: [PlannedThoughtData] })
  subtasks!: PlannedThoughtData[];
}

export class ProgressData {
  @ApiProperty({ ...PROGRESS, example: 40 })
  progress_percentage!: number;
}

export class ApproachData {
  @ApiProperty({
    type: String,
    maxLength: 40,
    example: 'parallel_execution',
    description: 'How the workflow is run: one of GET /api/v1/orchestrator/strategies.',
  })
  strategy!: string;

  @ApiProperty({ type: [String], description: 'Why: a sentence each.' })
  reasons!: string[];

  @ApiProperty({ enum: COMPLEXITIES, example: 'medium' })
  complexity!: (typeof COMPLEXITIES)[number];

  @ApiProperty({ ...PROGRESS, example: 10 })
  progress_percentage!: number;
}

export class CouncilData {
  @ApiProperty({ type: String, maxLength: 100, example: 'review', description: 'A council that is over.' })
  council!: string;

  @ApiProperty({ ...TEXT, nullable: true, example: 'Do it in steps.' })
  recommendation!: string | null;

  @ApiProperty({ enum: CONSENSUS_LEVELS, example: 'strong' })
  consensus_level!: (typeof CONSENSUS_LEVELS)[number];

  @ApiProperty({ ...PROGRESS, example: 40 })
  progress_percentage!: number;
}

export class AdaptationData {
  @ApiProperty({ enum: ADAPTATIONS, example: 'cost_overrun_risk' })
  name!: (typeof ADAPTATIONS)[number];

  @ApiProperty({ ...TEXT, example: '82 % of the budget is used.' })
  reason!: string;

  @ApiProperty({ type: [String], description: 'What is done about it.' })
  actions!: string[];
}

export class AdaptedData {
  @ApiProperty({ type: AdaptationData, description: 'How the workflow runs on from now.' })
  adaptation!: AdaptationData;

  @ApiProperty({ ...PROGRESS, example: 40 })
  progress_percentage!: number;
}

export class AgentStatusData {
  @ApiProperty(ID)
  agent_id!: string;

  @ApiProperty({ enum: ['coordinating', 'waiting'], example: 'coordinating' })
  agent_status!: 'coordinating' | 'waiting';

  @ApiProperty({ ...PROGRESS, example: 40 })
  progress_percentage!: number;
}

export class WorkflowPausedData {
  @ApiProperty({ type: Boolean, example: true })
  paused!: true;
}

export class WorkflowResumedData {
  @ApiProperty({ type: Boolean, example: false })
  paused!: false;
}

export class WorkflowRetriedData {
  @ApiProperty({ type: 'integer', minimum: 1, example: 1, description: 'Which retry it is.' })
  retry!: number;
}

export class WorkflowCompletedData {
  @ApiProperty({ enum: ['completed'], example: 'completed' })
  status!: 'completed';

  @ApiProperty({ ...PROGRESS, example: 100 })
  progress_percentage!: number;
}

export class WorkflowFailedData {
  @ApiProperty({ enum: ['failed'], example: 'failed' })
  status!: 'failed';

  @ApiProperty({ ...PROGRESS, example: 100 })
  progress_percentage!: number;

  @ApiProperty({ type: String, maxLength: 100, example: 'BUDGET_EXCEEDED' })
  error_code!: string;

  @ApiProperty({ ...TEXT, example: 'The budget of the workflow is exhausted.' })
  error!: string;
}

export class WorkflowCancelledData {
  @ApiProperty({ enum: ['cancelled'], example: 'cancelled' })
  status!: 'cancelled';

  @ApiProperty({ ...PROGRESS, example: 40 })
  progress_percentage!: number;
}

export class BudgetNearlyUsedData {
  @ApiProperty({ enum: BUDGET_SCOPES, example: 'workflow' })
  scope!: (typeof BUDGET_SCOPES)[number];

  @ApiProperty({ type: String, maxLength: 200, description: 'Whose budget; empty: of the whole system.' })
  key!: string;

  @ApiProperty({ ...USD, example: 5 })
  limit_usd!: number;

  @ApiProperty({ ...USD, example: 4.1 })
  used_usd!: number;

  @ApiProperty({
    type: Number,
    minimum: 0,
    example: 82,
    description: 'More than 100 where an answer was dearer than its bound.',
  })
  used_percentage!: number;
}

export class BudgetExceededData {
  @ApiProperty({ ...TEXT, description: 'Which budget let a call through no more.' })
  message!: string;
}

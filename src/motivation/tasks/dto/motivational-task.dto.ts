import { ApiProperty } from '@nestjs/swagger';
import type { Plain } from '../../../http/plain.js';
import {
  MOTIVATIONAL_TASK_STATUSES,
  OUTCOME_CATEGORIES,
  type MotivationalTaskStatus,
  type OutcomeCategory,
} from '../motivational-task.values.js';

const EXAMPLE_ID = '019ab0c4-5d6e-7f80-9123-456789abcdef';
const EXAMPLE_TIME = '2026-11-23T08:00:00.000Z';

const fraction = (example: number, description?: string) =>
  ({ type: Number, minimum: 0, maximum: 1, example, description }) as const;
const moment = (description: string) =>
  ({ type: String, format: 'date-time', nullable: true, example: EXAMPLE_TIME, description }) as const;
const count = (example: number, description?: string) =>
  ({ type: 'integer', minimum: 0, example, description }) as const;

export class MotivationalTaskDto {
  @ApiProperty({ type: String, format: 'uuid', example: EXAMPLE_ID })
  task_id!: string;

  @ApiProperty({ type: String, example: 'explore_recent_failure' })
  motivation_type!: string;

  @ApiProperty({ type: String, example: 'Find out why the tool http_request failed 3 times in the last hour.' })
  generated_prompt!: string;

  @ApiProperty({
    enum: MOTIVATIONAL_TASK_STATUSES,
    enumName: 'MotivationalTaskStatus',
    example: 'completed',
    description: 'spawned: its workflow waits; active: it runs; then as the workflow ended.',
  })
  status!: MotivationalTaskStatus;

  @ApiProperty(fraction(0.62, 'The score it was chosen with.'))
  task_priority!: number;

  @ApiProperty(fraction(0.62))
  arbitration_score!: number;

  @ApiProperty({ type: String, example: 'tool:http_request', description: 'What it is about.' })
  target!: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    nullable: true,
    example: {
      count: 1,
      summary: '1 tool failed at least 3 times in 1 h',
      rows: [{ kind: 'tool', id: 'http_request' }],
    },
    description: 'The real rows that it rests on, as they were.',
  })
  evidence!: Readonly<Record<string, unknown>> | null;

  @ApiProperty({ type: String, format: 'date-time', example: EXAMPLE_TIME })
  spawned_at!: string;

  @ApiProperty(moment('When its workflow began.'))
  started_at!: string | null;

  @ApiProperty(moment('When its workflow ended.'))
  completed_at!: string | null;

  @ApiProperty({
    type: Boolean,
    nullable: true,
    example: true,
    description: 'Null until it ends, and for one whose workflow was erased before it was heard of.',
  })
  success!: boolean | null;

  @ApiProperty({ ...fraction(0.9), nullable: true })
  outcome_score!: number | null;

  @ApiProperty({ enum: OUTCOME_CATEGORIES, enumName: 'OutcomeCategory', nullable: true, example: 'success' })
  outcome_category!: OutcomeCategory | null;

  @ApiProperty({
    type: Number,
    minimum: -1,
    maximum: 1,
    nullable: true,
    example: 0.12,
    description: 'What its end added to the satisfaction.',
  })
  satisfaction_gain!: number | null;

  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    example: EXAMPLE_ID,
    description: 'Null when it was erased.',
  })
  workflow_id!: string | null;
}

export class RecentTasksDto {
  @ApiProperty({ type: [MotivationalTaskDto] })
  recent_tasks!: Plain<MotivationalTaskDto>[];

  @ApiProperty(count(1))
  count!: number;

  @ApiProperty(count(10))
  limit!: number;

  @ApiProperty(count(0))
  offset!: number;

  @ApiProperty({ type: String, format: 'date-time', example: EXAMPLE_TIME })
  timestamp!: string;
}

export class OutcomeListenerDto {
  @ApiProperty(count(1, 'Tasks whose workflow waits for its turn.'))
  waiting!: number;

  @ApiProperty(count(2, 'Tasks whose workflow runs.'))
  running!: number;

  @ApiProperty(count(0, 'Tasks whose workflow ended and whose motivation has not learned of it yet.'))
  ended!: number;

  @ApiProperty(moment('When the replica that answers last looked at them; null where it has not the duty `engine`.'))
  last_look_at!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'What went wrong then, which is tried again each second, or that no replica has the duty `engine`.',
  })
  error!: string | null;
}

export class IntegrationStatusDto {
  @ApiProperty({
    type: Boolean,
    example: true,
    description:
      'Whether motivations hear how their tasks end: the replica that answers looked, and nothing went wrong; where it has not the duty `engine`, one lives that has it. They hear of it also while the engine is stopped.',
  })
  integration_active!: boolean;

  @ApiProperty({
    type: Number,
    example: 2,
    description: 'Seconds after which an end is heard of at the latest; usually it is heard of at once.',
  })
  polling_interval!: number;

  @ApiProperty(count(3, 'Tasks that have not ended.'))
  active_motivated_workflows!: number;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'integer' },
    example: { explore_recent_failure: 1 },
    description: 'The same by motivation; those without one are absent.',
  })
  motivation_breakdown!: Readonly<Record<string, number>>;

  @ApiProperty({
    type: Number,
    minimum: 0,
    example: 1.5,
    description: 'Of those that run, since they began; 0 without any.',
  })
  average_running_time_minutes!: number;

  @ApiProperty({ type: Number, minimum: 0, example: 2.25 })
  longest_running_minutes!: number;

  @ApiProperty({ type: OutcomeListenerDto })
  status!: Plain<OutcomeListenerDto>;

  @ApiProperty({ type: String, format: 'date-time', example: EXAMPLE_TIME })
  timestamp!: string;
}

export class TypeFeedbackDto {
  @ApiProperty(count(4))
  count!: number;

  @ApiProperty(count(3, 'Those that ended well, wholly or in part.'))
  successes!: number;

  @ApiProperty(fraction(0.75))
  success_rate!: number;

  @ApiProperty(fraction(0.72))
  avg_outcome_score!: number;

  @ApiProperty({ type: Number, minimum: -1, maximum: 1, example: 0.08 })
  avg_satisfaction_gain!: number;
}

const TYPE_FEEDBACK = {
  count: 4,
  successes: 3,
  success_rate: 0.75,
  avg_outcome_score: 0.72,
  avg_satisfaction_gain: 0.08,
};

export class MotivationFeedbackDto {
  @ApiProperty(count(7))
  period_days!: number;

  @ApiProperty(count(4, 'Tasks that ended in that time and of which their motivation learned.'))
  total_tasks!: number;

  @ApiProperty(count(3))
  successful_tasks!: number;

  @ApiProperty(fraction(0.75, '0 without tasks, as the averages are.'))
  success_rate!: number;

  @ApiProperty(fraction(0.72))
  avg_outcome_score!: number;

  @ApiProperty({ type: Number, minimum: -1, maximum: 1, example: 0.08 })
  avg_satisfaction_gain!: number;

  @ApiProperty({
    type: 'object',
    additionalProperties: { $ref: '#/components/schemas/TypeFeedbackDto' },
    example: { explore_recent_failure: TYPE_FEEDBACK },
    description: 'Motivations without tasks in that time are absent.',
  })
  by_motivation_type!: Readonly<Record<string, Plain<TypeFeedbackDto>>>;

  @ApiProperty({ type: String, nullable: true, example: null, description: 'The motivation that was asked for.' })
  motivation_filter!: string | null;
}

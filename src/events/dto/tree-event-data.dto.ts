import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { MAX_EVENT_TEXT } from './workflow-event-data.dto.js';

const ID = { type: String, format: 'uuid', example: '019ab0c4-5d6e-7f80-9123-456789abcdef' } as const;
const NAME = { type: String, maxLength: 200 } as const;
const CODE = { type: String, maxLength: 100, example: 'LLM_UPSTREAM' } as const;
const COUNT = { type: 'integer', minimum: 0, example: 120 } as const;
const TEXT = { type: String, maxLength: MAX_EVENT_TEXT } as const;

const AGENT_TYPES = ['task', 'council', 'validator', 'memory'] as const;
const AGENT_STATUSES = ['spawned', 'active', 'waiting', 'coordinating', 'completed', 'failed', 'terminated'] as const;
const EXECUTION_STATUSES = ['succeeded', 'failed', 'refused', 'unknown'] as const;
const APPROVAL_KINDS = ['tool_call', 'human_review'] as const;
const ANSWERS = ['approved', 'rejected', 'expired'] as const;

export class ThoughtStartedData {
  @ApiProperty({
    ...ID,
    description:
      'The root thought shares the id of its workflow: it ends with `workflow.completed`, `.failed` or `.cancelled`, and has no end of its own. So do thoughts below it that have not ended then.',
  })
  thought_id!: string;
}

export class ThoughtCompletedData {
  @ApiProperty(ID)
  thought_id!: string;

  @ApiProperty({ enum: ['completed'], example: 'completed' })
  status!: 'completed';
}

export class ThoughtFailedData {
  @ApiProperty(ID)
  thought_id!: string;

  @ApiProperty({ enum: ['failed', 'cancelled'], example: 'failed', description: 'Cancelled: it was not run.' })
  status!: 'failed' | 'cancelled';

  @ApiPropertyOptional({ ...TEXT, example: 'The model could not be reached.' })
  reason?: string;
}

export class AgentSpawnedData {
  @ApiProperty(ID)
  agent_id!: string;

  @ApiProperty(ID)
  thought_id!: string;

  @ApiProperty({ enum: AGENT_TYPES, example: 'task' })
  agent_type!: (typeof AGENT_TYPES)[number];

  @ApiProperty({ ...NAME, example: 'TaskAgent' })
  agent_class!: string;
}

export class AgentCompletedData {
  @ApiProperty(ID)
  agent_id!: string;

  @ApiProperty(ID)
  thought_id!: string;
}

export class AgentFailedData {
  @ApiProperty(ID)
  agent_id!: string;

  @ApiProperty(ID)
  thought_id!: string;

  @ApiProperty(CODE)
  code!: string;

  @ApiProperty(TEXT)
  message!: string;
}

export class LlmCompletedData {
  @ApiProperty({ ...ID, description: 'Under which the call is on record, with prompt and answer.' })
  interaction_id!: string;

  @ApiProperty(ID)
  agent_id!: string;

  @ApiProperty(ID)
  thought_id!: string;

  @ApiProperty({ ...NAME, example: 'answer' })
  purpose!: string;

  @ApiProperty({ ...NAME, example: 'claude-haiku-5-5' })
  model!: string;

  @ApiProperty({ ...NAME, example: 'anthropic' })
  provider!: string;

  @ApiProperty(COUNT)
  input_tokens!: number;

  @ApiProperty(COUNT)
  output_tokens!: number;

  @ApiProperty({ type: Number, minimum: 0, example: 0.00042 })
  cost_usd!: number;

  @ApiProperty({ type: Number, minimum: 0, example: 830 })
  latency_ms!: number;

  @ApiPropertyOptional({ enum: AGENT_STATUSES, description: 'What the agent is from then on, where it changes.' })
  agent_status?: (typeof AGENT_STATUSES)[number];
}

export class ToolCompletedData {
  @ApiProperty({ ...ID, description: 'Under which parameters and output are on record.' })
  execution_id!: string;

  @ApiProperty(ID)
  agent_id!: string;

  @ApiProperty(ID)
  thought_id!: string;

  @ApiProperty({ ...NAME, example: 'file_operations' })
  tool_name!: string;

  @ApiProperty({ enum: EXECUTION_STATUSES, example: 'succeeded' })
  status!: (typeof EXECUTION_STATUSES)[number];

  @ApiProperty({ type: Boolean, example: true })
  success!: boolean;

  @ApiProperty({ type: Number, minimum: 0, example: 12 })
  duration_ms!: number;
}

export class ApprovalRequestedData {
  @ApiProperty({ ...ID, description: 'Under which a person reads what is asked, and answers.' })
  approval_id!: string;

  @ApiProperty({ enum: APPROVAL_KINDS, example: 'tool_call' })
  kind!: (typeof APPROVAL_KINDS)[number];

  @ApiProperty(ID)
  thought_id!: string;

  @ApiPropertyOptional(ID)
  agent_id?: string;

  @ApiPropertyOptional({ ...NAME, example: 'shell_command' })
  tool_name?: string;

  @ApiProperty({ ...NAME, description: 'Of the arguments that are asked about.', example: 'sha256:9f86d0…' })
  arguments_hash!: string;
}

export class ApprovalAnsweredData {
  @ApiProperty(ID)
  approval_id!: string;

  @ApiProperty({ enum: APPROVAL_KINDS, example: 'tool_call' })
  kind!: (typeof APPROVAL_KINDS)[number];

  @ApiProperty({
    enum: ANSWERS,
    example: 'approved',
    description: 'Expired: nobody answered in time, or before the workflow ended.',
  })
  status!: (typeof ANSWERS)[number];

  @ApiPropertyOptional({ ...NAME, description: 'The principal; unset: nobody.' })
  answered_by?: string;
}

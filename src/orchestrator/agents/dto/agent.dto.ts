import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { PageQuery } from '../../../http/page-query.dto.js';
import { IfGivenUuid } from '../../given-uuid.decorator.js';
import {
  ORCHESTRATOR_STATUSES,
  ORCHESTRATOR_TYPES,
  type OrchestratorStatus,
  type OrchestratorType,
} from '../../workflows/orchestrator.values.js';
import { AGENT_STATUSES, AGENT_TYPES, type AgentStatus, type AgentType } from '../agent.values.js';

const ID = { type: String, format: 'uuid', example: '5f0c6a1e-7d24-5c1b-9a3e-0d9b8c7a6f5e' } as const;
const TIME = { type: String, format: 'date-time', example: '2026-11-23T08:00:00.000Z' } as const;
const FREE = { type: 'object', additionalProperties: true } as const;

export class AgentFilter extends PageQuery {
  @ApiPropertyOptional({ enum: AGENT_STATUSES, enumName: 'AgentStatus' })
  @IsOptional()
  @IsIn(AGENT_STATUSES)
  status?: AgentStatus;

  @ApiPropertyOptional({ enum: AGENT_TYPES, enumName: 'AgentType' })
  @IsOptional()
  @IsIn(AGENT_TYPES)
  agent_type?: AgentType;

  @ApiPropertyOptional({ type: String, format: 'uuid', description: 'Only agents of this thought.' })
  @IfGivenUuid()
  thought_tree_id?: string;
}

export class AgentView {
  @ApiProperty({ ...ID })
  id!: string;

  @ApiProperty({ ...ID })
  thought_tree_id!: string;

  @ApiProperty({ enum: AGENT_TYPES, enumName: 'AgentType', example: 'task' })
  agent_type!: AgentType;

  @ApiProperty({ type: String, example: 'technical_writing', description: 'What kind of task it is for.' })
  agent_class!: string;

  @ApiProperty({ enum: AGENT_STATUSES, enumName: 'AgentStatus', example: 'completed' })
  status!: AgentStatus;

  @ApiProperty({ ...ID, nullable: true, description: 'The orchestrator or agent that spawned it.' })
  spawned_by!: string | null;

  @ApiProperty({ ...TIME })
  created_at!: string;

  @ApiProperty({ ...TIME, nullable: true })
  completed_at!: string | null;

  @ApiProperty({ type: 'integer', example: 8 })
  max_recursion_depth!: number;

  @ApiProperty({ type: 'integer', example: 0 })
  current_recursion_depth!: number;

  @ApiProperty({ ...FREE, example: { purpose: 'subtask' } })
  context!: Record<string, unknown>;

  @ApiProperty({
    ...FREE,
    description:
      '`transitions`: the latest changes of its status; `attempts`: tries that brought nothing usable; `result`: how it ended. ' +
      'The text of the result, `result.content`, is shown with a single agent.',
    example: {
      transitions: [
        { status: 'spawned', at: '2026-11-23T08:00:00.000000+00:00' },
        { status: 'active', at: '2026-11-23T08:00:00.000000+00:00' },
        { status: 'completed', at: '2026-11-23T08:00:02.410000+00:00' },
      ],
      result: {
        success: true,
        interaction_id: ID.example,
        content_length: 1204,
        confidence: 0.85,
        confidence_reported: true,
        tokens: { input: 210, output: 340 },
        cost_usd: 0.0004,
        retries: 0,
      },
    },
  })
  state!: Record<string, unknown>;
}

export class AgentPage {
  @ApiProperty({ type: [AgentView] })
  items!: AgentView[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'The `cursor` of the next page.' })
  next_cursor!: string | null;
}

export class OrchestratorFilter extends PageQuery {
  @ApiPropertyOptional({ enum: ORCHESTRATOR_STATUSES, enumName: 'OrchestratorStatus' })
  @IsOptional()
  @IsIn(ORCHESTRATOR_STATUSES)
  status?: OrchestratorStatus;

  @ApiPropertyOptional({ type: String, format: 'uuid', description: 'Only orchestrators of this thought.' })
  @IfGivenUuid()
  thought_tree_id?: string;
}

export class OrchestratorView {
  @ApiProperty({ ...ID })
  id!: string;

  @ApiProperty({ ...ID, nullable: true, example: null })
  parent_orchestrator_id!: string | null;

  @ApiProperty({ ...ID })
  thought_tree_id!: string;

  @ApiProperty({ enum: ORCHESTRATOR_TYPES, enumName: 'OrchestratorType', example: 'top_level' })
  orchestrator_type!: OrchestratorType;

  @ApiProperty({ enum: ORCHESTRATOR_STATUSES, enumName: 'OrchestratorStatus', example: 'active' })
  status!: OrchestratorStatus;

  @ApiProperty({ ...TIME })
  created_at!: string;

  @ApiProperty({ ...TIME, nullable: true })
  completed_at!: string | null;

  @ApiProperty({ type: 'integer', example: 20 })
  max_concurrent_agents!: number;

  @ApiProperty({ type: 'integer', example: 2 })
  current_active_agents!: number;

  @ApiProperty({ ...FREE, example: {} })
  global_context!: Record<string, unknown>;
}

export class OrchestratorPage {
  @ApiProperty({ type: [OrchestratorView] })
  items!: OrchestratorView[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'The `cursor` of the next page.' })
  next_cursor!: string | null;
}

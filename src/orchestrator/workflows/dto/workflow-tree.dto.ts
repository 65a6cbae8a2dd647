import { ApiProperty, ApiPropertyOptional, getSchemaPath, ApiExtraModels } from '@nestjs/swagger';
import { AgentView } from '../../agents/dto/agent.dto.js';
import { ThoughtView } from '../../thoughts/dto/thought.dto.js';

const ID = { type: String, format: 'uuid', example: '5f0c6a1e-7d24-5c1b-9a3e-0d9b8c7a6f5e' } as const;

export class TreeInteraction {
  @ApiProperty({ ...ID })
  id!: string;

  @ApiProperty({ ...ID, nullable: true })
  agent_id!: string | null;

  @ApiProperty({ type: String, example: 'subtask' })
  purpose!: string;

  @ApiProperty({ type: String, example: 'anthropic' })
  provider!: string;

  @ApiProperty({ type: String, example: 'claude-haiku-5-5' })
  model!: string;

  @ApiProperty({ type: String, example: 'succeeded' })
  status!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'You are a task agent of NYX. Do the whole task and answer with the result itself.',
  })
  system_prompt!: string | null;

  @ApiProperty({ type: String, example: '<task>\nName three uses of a paper clip.\n</task>' })
  prompt_text!: string;

  @ApiProperty({ type: String, nullable: true, example: 'Holding papers, resetting a router, marking a page.' })
  response_text!: string | null;

  @ApiProperty({
    type: Boolean,
    example: false,
    description: 'Whether one of these texts is only the beginning; `GET /llm/interactions/{id}` has it whole.',
  })
  is_shortened!: boolean;

  @ApiProperty({ type: 'integer', nullable: true, example: 310 })
  token_count_input!: number | null;

  @ApiProperty({ type: 'integer', nullable: true, example: 120 })
  token_count_output!: number | null;

  @ApiProperty({ type: Number, nullable: true, example: 0.00009, description: 'USD.' })
  cost_usd!: number | null;

  @ApiProperty({ type: 'integer', nullable: true, example: 900 })
  latency_ms!: number | null;

  @ApiProperty({ type: 'integer', example: 0 })
  retry_count!: number;

  @ApiProperty({ type: String, nullable: true, example: null })
  error_message!: string | null;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-23T08:00:00.000Z' })
  request_timestamp!: string;
}

export class TreeToolExecution {
  @ApiProperty({ ...ID })
  id!: string;

  @ApiProperty({ ...ID, nullable: true })
  agent_id!: string | null;

  @ApiProperty({ type: String, example: 'file_operations' })
  tool_name!: string;

  @ApiProperty({ type: String, example: 'succeeded' })
  status!: string;

  @ApiProperty({ type: String, nullable: true, example: null, description: 'What refused it.' })
  rule!: string | null;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    nullable: true,
    example: { operation: 'read_file', path: 'notes.md' },
    description: 'Null where they are large; `/tools/executions/{id}` has them whole.',
  })
  input_parameters!: Record<string, unknown> | null;

  @ApiProperty({ type: Boolean, nullable: true, example: true })
  success!: boolean | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  error_message!: string | null;

  @ApiProperty({ type: 'integer', nullable: true, example: 12 })
  duration_ms!: number | null;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-23T08:00:00.000Z' })
  started_at!: string;
}

/** Texts are excerpts. */
@ApiExtraModels(ThoughtView)
export class TreeNode extends ThoughtView {
  @ApiProperty({ type: [AgentView] })
  agents!: AgentView[];

  @ApiProperty({ type: [TreeInteraction] })
  llm_interactions!: TreeInteraction[];

  @ApiProperty({ type: [TreeToolExecution] })
  tool_executions!: TreeToolExecution[];

  @ApiProperty({
    type: 'integer',
    minimum: 0,
    example: 0,
    description: 'Agents, model calls and tool runs of this thought that are not shown, because it has very many.',
  })
  omitted!: number;

  @ApiProperty({ type: 'array', items: { $ref: getSchemaPath(TreeNode) } })
  children!: TreeNode[];
}

export class WorkflowTree {
  @ApiProperty({ ...ID })
  workflow_id!: string;

  @ApiPropertyOptional({
    type: TreeNode,
    description: 'The root thought; subtasks stand under it. Absent on the pages after the first.',
  })
  tree?: TreeNode;

  @ApiProperty({
    type: [TreeNode],
    description:
      'On the pages after the first: the thoughts whose parent (`parent_id`) stands on a page before, each with those under it. Else empty.',
  })
  branches!: TreeNode[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'The `cursor` of the next page.' })
  next_cursor!: string | null;
}

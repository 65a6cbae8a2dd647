import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { IfGiven } from '../../../http/if-given.decorator.js';
import { PageQuery } from '../../../http/page-query.dto.js';
import { MESSAGE_TYPES, type MessageType } from '../../agents/agent.values.js';
import { IfGivenUuid } from '../../given-uuid.decorator.js';

const ID = { type: String, format: 'uuid', example: '5f0c6a1e-7d24-5c1b-9a3e-0d9b8c7a6f5e' } as const;
const TIME = { type: String, format: 'date-time', example: '2026-11-23T08:00:00.000Z' } as const;

export class CommunicationFilter extends PageQuery {
  @ApiPropertyOptional({ type: String, format: 'uuid', description: 'Only messages of this workflow.' })
  @IfGivenUuid()
  workflow_id?: string;

  @ApiPropertyOptional({ type: String, format: 'uuid', description: 'Only messages sent from this thought.' })
  @IfGivenUuid()
  thought_tree_id?: string;

  @ApiPropertyOptional({
    type: String,
    format: 'uuid',
    description: 'Only messages that this agent sent, or that were sent to it alone.',
  })
  @IfGivenUuid()
  agent_id?: string;

  @ApiPropertyOptional({ enum: MESSAGE_TYPES, enumName: 'MessageType' })
  @IfGiven()
  @IsIn(MESSAGE_TYPES)
  message_type?: MessageType;
}

export class CommunicationView {
  @ApiProperty({ ...ID })
  id!: string;

  @ApiProperty({ ...ID })
  workflow_id!: string;

  @ApiProperty({ ...ID, description: 'The thought of the sender.' })
  thought_tree_id!: string;

  @ApiProperty({ ...ID })
  sender_agent_id!: string;

  @ApiProperty({ ...ID, nullable: true, description: 'Null: all other agents of the workflow.' })
  receiver_agent_id!: string | null;

  @ApiProperty({ enum: MESSAGE_TYPES, enumName: 'MessageType', example: 'context_share' })
  message_type!: MessageType;

  @ApiProperty({ type: 'object', additionalProperties: true, example: { text: 'The source is in German.' } })
  content!: Record<string, unknown>;

  @ApiProperty({ ...TIME })
  sent_at!: string;

  @ApiProperty({ ...TIME, nullable: true, description: 'When it first stood in a prompt.' })
  received_at!: string | null;

  @ApiProperty({ type: Boolean, example: true, description: 'It stood in a prompt.' })
  delivered!: boolean;

  @ApiProperty({ type: Boolean, example: true, description: 'A prompt with it was answered.' })
  processed!: boolean;
}

export class CommunicationPage {
  @ApiProperty({ type: [CommunicationView] })
  items!: CommunicationView[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'The `cursor` of the next page.' })
  next_cursor!: string | null;
}

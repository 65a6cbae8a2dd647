import { ApiProperty, ApiPropertyOptional, PartialType } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  ValidateBy,
} from 'class-validator';
import { IfGiven } from '../../../http/if-given.decorator.js';
import { isWebhookSecret } from '../signature.rules.js';
import { SUBSCRIBABLE_TYPES, type SubscribableType } from '../webhook.values.js';

const ID = { type: String, format: 'uuid', example: '019ab0c4-5d6e-7f80-9123-456789abcdef' } as const;
const TIME = { type: String, format: 'date-time', example: '2026-11-23T08:00:00.000Z' } as const;
const URL_TEXT = {
  type: String,
  minLength: 1,
  maxLength: 2000,
  example: 'https://hooks.example.com/nyx',
  description:
    'http or https, without a user name. A host with an address that is not public has to be in `EGRESS_PRIVATE_RANGES`.',
} as const;
const DESCRIPTION = { type: String, maxLength: 500, nullable: true, example: 'Tells the pager' } as const;
const TYPES = {
  enum: SUBSCRIBABLE_TYPES,
  enumName: 'SubscribableEventType',
  isArray: true,
  minItems: 1,
  example: ['workflow.completed', 'workflow.failed'],
  description: 'What it is told of; `*` is every type, also those to come.',
} as const;
const WORKFLOW = { ...ID, nullable: true, example: null, description: 'Only events of this workflow; null: of all.' };
const SECRET = {
  type: String,
  example: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=',
} as const;

export class CreateWebhook {
  @ApiProperty(URL_TEXT)
  @IsString()
  @Length(1, 2000)
  url!: string;

  @ApiProperty(TYPES)
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(SUBSCRIBABLE_TYPES.length)
  @ArrayUnique()
  @IsIn(SUBSCRIBABLE_TYPES, { each: true })
  event_types!: SubscribableType[];

  @ApiPropertyOptional(DESCRIPTION)
  @IsOptional()
  @IsString()
  @Length(0, 500)
  description?: string | null;

  @ApiPropertyOptional(WORKFLOW)
  @IsOptional()
  @IsUUID('all')
  workflow_id?: string | null;

  @ApiPropertyOptional({ type: Boolean, default: true, example: true })
  @IfGiven()
  @IsBoolean()
  enabled?: boolean;

  @ApiPropertyOptional({
    ...SECRET,
    description: 'What deliveries are signed with: `whsec_` and 24 to 64 bytes in base64. Left out, one is made.',
  })
  @IfGiven()
  @ValidateBy({
    name: 'isWebhookSecret',
    validator: {
      validate: isWebhookSecret,
      defaultMessage: () => 'secret must be whsec_ and 24 to 64 bytes in base64',
    },
  })
  secret?: string;
}

export class UpdateWebhook extends PartialType(CreateWebhook, { skipNullProperties: false }) {
  @ApiPropertyOptional({
    type: Boolean,
    example: true,
    description: 'Makes a new secret. As with a `secret` that is given, the one before signs as well for 24 hours.',
  })
  @IfGiven()
  @IsBoolean()
  rotate_secret?: boolean;
}

export class WebhookView {
  @ApiProperty(ID)
  id!: string;

  @ApiProperty(URL_TEXT)
  url!: string;

  @ApiProperty(TYPES)
  event_types!: SubscribableType[];

  @ApiProperty(DESCRIPTION)
  description!: string | null;

  @ApiProperty(WORKFLOW)
  workflow_id!: string | null;

  @ApiProperty({
    type: Boolean,
    example: true,
    description: 'Disabled, it is owed nothing new, and what is owed waits.',
  })
  enabled!: boolean;

  @ApiProperty({ type: String, nullable: true, example: null, description: 'Why NYX disabled it.' })
  disabled_reason!: string | null;

  @ApiProperty({
    ...TIME,
    nullable: true,
    example: null,
    description: 'Since when no delivery has succeeded; null when the last one did.',
  })
  failing_since!: string | null;

  @ApiProperty({
    ...TIME,
    nullable: true,
    example: null,
    description: 'Until when deliveries are signed with the secret before, too.',
  })
  previous_secret_until!: string | null;

  @ApiProperty({ type: String, example: '019ab0c4-1111-7222-8333-444455556666' })
  created_by!: string;

  @ApiProperty(TIME)
  created_at!: string;

  @ApiProperty(TIME)
  updated_at!: string;
}

export class CreatedWebhook extends WebhookView {
  @ApiProperty({ ...SECRET, description: 'What deliveries are signed with. It is shown this once.' })
  secret!: string;
}

export class UpdatedWebhook extends WebhookView {
  @ApiPropertyOptional({ ...SECRET, description: 'The new secret, where there is one. It is shown this once.' })
  secret?: string;
}

export class WebhookPage {
  @ApiProperty({ type: [WebhookView] })
  items!: WebhookView[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'The `cursor` of the next page.' })
  next_cursor!: string | null;
}

import { IsInt, Matches, Max, Min } from 'class-validator';
import { IfGiven } from '../../http/if-given.decorator.js';
import { UUID } from '../../http/uuid.rules.js';

export class Unsubscribe {
  @Matches(UUID, { message: 'must be a UUID' })
  readonly workflow_id!: string;
}

export class Subscribe extends Unsubscribe {
  /** The last event the client has; without it: from the first one on. */
  @IfGiven()
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  readonly after_seq?: number;
}

import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal } from '../../auth/access.decorators.js';
import { BelongsTo, CurrentOwner, type Owner } from '../../auth/owner.js';
import type { Principal } from '../../auth/principal.js';
import { CurrentClaim, Idempotent } from '../../http/idempotency/idempotent.decorator.js';
import type { IdempotencyClaim } from '../../http/idempotency/idempotency.store.js';
import type { Plain } from '../../http/plain.js';
import { UuidParam } from '../../http/uuid-param.js';
import {
  EventOutcome,
  OutsideEventPage,
  OutsideEventQuery,
  OutsideEventView,
  TellEvent,
} from './dto/outside-event.dto.js';
import { OutsideEvents } from './outside-events.service.js';

@ApiTags('orchestrator')
@BelongsTo('SELECT FROM outside_events WHERE id = $1 AND principal_id = $2')
@Controller('api/v1/orchestrator/events')
export class OutsideEventsController {
  constructor(private readonly events: OutsideEvents) {}

  @Post()
  @HttpCode(202)
  @Idempotent()
  @ApiOperation({
    summary: 'Tell of an outside event',
    description:
      'Stores it and starts a workflow for every enabled trigger that matches, at most 100: of more those that have not fired for the longest.',
  })
  @ApiAcceptedResponse({ type: EventOutcome })
  tellEvent(
    @Body() body: TellEvent,
    @CurrentPrincipal() { id }: Principal,
    @CurrentOwner() owner: Owner,
    @CurrentClaim() claim: IdempotencyClaim | undefined,
  ): Promise<Plain<EventOutcome>> {
    return this.events.tell(body, id, owner, claim);
  }

  @Get()
  @ApiOperation({ summary: 'List outside events and what they started, newest first' })
  @ApiOkResponse({ type: OutsideEventPage })
  listEvents(@Query() query: OutsideEventQuery, @CurrentOwner() owner: Owner): Promise<Plain<OutsideEventPage>> {
    return this.events.list(query, owner);
  }

  @Get(':id')
  @ApiOperation({ summary: 'Get an outside event with its details' })
  @ApiOkResponse({ type: OutsideEventView })
  getEvent(@UuidParam() id: string): Promise<Plain<OutsideEventView>> {
    return this.events.get(id);
  }
}

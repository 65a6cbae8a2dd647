import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal } from '../../auth/access.decorators.js';
import { BelongsTo, CurrentOwner, type Owner } from '../../auth/owner.js';
import type { Principal } from '../../auth/principal.js';
import { CurrentClaim, Idempotent } from '../../http/idempotency/idempotent.decorator.js';
import type { IdempotencyClaim } from '../../http/idempotency/idempotency.store.js';
import { PageQuery } from '../../http/page-query.dto.js';
import type { Plain } from '../../http/plain.js';
import { UuidParam } from '../../http/uuid-param.js';
import { CreateTrigger, TriggerPage, TriggerView, UpdateTrigger } from './dto/trigger.dto.js';
import { Triggers } from './triggers.service.js';

@ApiTags('orchestrator')
@BelongsTo('SELECT FROM triggers WHERE id = $1 AND principal_id = $2')
@Controller('api/v1/orchestrator/triggers')
export class TriggersController {
  constructor(private readonly triggers: Triggers) {}

  @Get()
  @ApiOperation({ summary: 'List triggers, newest first' })
  @ApiOkResponse({ type: TriggerPage })
  listTriggers(@Query() query: PageQuery, @CurrentOwner() owner: Owner): Promise<Plain<TriggerPage>> {
    return this.triggers.list(query, owner);
  }

  @Post()
  @Idempotent()
  @ApiOperation({
    summary: 'Make a trigger',
    description:
      'Each event that matches starts one workflow, which belongs to whoever made the trigger. A template that is a prompt becomes a reactive_workflow; every other gets the event as `content.trigger_event`.',
  })
  @ApiCreatedResponse({ type: TriggerView })
  createTrigger(
    @Body() body: CreateTrigger,
    @CurrentPrincipal() { id }: Principal,
    @CurrentClaim() claim: IdempotencyClaim | undefined,
  ): Promise<Plain<TriggerView>> {
    return this.triggers.create(body, id, claim);
  }

  @Get(':id')
  @ApiOperation({ summary: 'Get a trigger with what it fired, swallowed and could not run' })
  @ApiOkResponse({ type: TriggerView })
  getTrigger(@UuidParam() id: string): Promise<Plain<TriggerView>> {
    return this.triggers.get(id);
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Change a trigger, or disable it' })
  @ApiOkResponse({ type: TriggerView })
  updateTrigger(@UuidParam() id: string, @Body() body: UpdateTrigger): Promise<Plain<TriggerView>> {
    return this.triggers.update(id, body);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete a trigger; the workflows it started stay' })
  @ApiNoContentResponse({ description: 'It is gone.' })
  deleteTrigger(@UuidParam() id: string): Promise<void> {
    return this.triggers.remove(id);
  }
}

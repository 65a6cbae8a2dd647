import { Body, Controller, Get, HttpCode, Post, Query, Res } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, Requires } from '../auth/access.decorators.js';
import { BelongsTo, CurrentOwner, type Owner } from '../auth/owner.js';
import type { Principal } from '../auth/principal.js';
import type { Response } from 'express';
import { Costs } from '../auth/rate-limits/cost-class.decorator.js';
import { RecordsItself } from '../auth/audit/records-itself.decorator.js';
import { ApiProblems } from '../http/api-problems.decorator.js';
import { Idempotent } from '../http/idempotency/idempotent.decorator.js';
import { UuidParam } from '../http/uuid-param.js';
import type { Plain } from '../http/plain.js';
import { EVENT_STREAM_TYPE, type EventStream } from '../http/event-stream.js';
import { Produces } from '../http/content-negotiation.js';
import { GENERATED, GenerateRequest, GenerateResponse } from './generate/generate.dto.js';
import { GenerateService } from './generate/generate.service.js';
import { InteractionDetail, InteractionPage, InteractionQuery } from './interactions/interaction.dto.js';
import { Interactions } from './interactions/interactions.service.js';
import { ModelList } from './model.dto.js';
import { Models } from './models.service.js';

@ApiTags('llm')
@Controller('api/v1/llm')
export class LlmController {
  constructor(
    private readonly generation: GenerateService,
    private readonly models: Models,
    private readonly interactions: Interactions,
  ) {}

  @Post('generate')
  @HttpCode(200)
  @RecordsItself()
  @Costs('llm')
  @Requires('operator')
  @Idempotent()
  @ApiOperation({
    summary: 'Ask a model',
    description:
      'One call, reserved for in the day’s budget before it is sent and written down whatever comes of it. An answer that the model refused or that was cut off is a 200 with success false. With stream true the answer comes as Server-Sent Events: `delta` {text}, then `usage`, then `done` with the whole answer; or `error` with a problem document. A caller who goes away ends the call.',
  })
  @Produces('application/json', EVENT_STREAM_TYPE)
  @ApiExtraModels(GenerateResponse)
  @ApiOkResponse(GENERATED)
  @ApiProblems('CONFLICT', 'BUDGET_EXCEEDED', 'UNKNOWN_MODEL', 'MODEL_UNPRICED', 'LLM_UPSTREAM', 'LLM_UNAVAILABLE')
  generate(
    @Body() body: GenerateRequest,
    @CurrentPrincipal() principal: Principal,
    @CurrentOwner() owner: Owner,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Plain<GenerateResponse> | EventStream> {
    return this.generation.answer(body, { id: principal.id, owner }, response);
  }

  @Get('models')
  @Requires('viewer')
  @ApiOperation({ summary: 'List the models with prices and limits' })
  @ApiOkResponse({ type: ModelList })
  listModels(): Plain<ModelList> {
    return this.models.list();
  }

  @Get('interactions')
  @Requires('viewer')
  @ApiOperation({
    summary: 'List model calls, newest first',
    description: 'Every attempt is a row, also those that failed.',
  })
  @ApiOkResponse({ type: InteractionPage })
  listInteractions(@Query() query: InteractionQuery, @CurrentOwner() owner: Owner): Promise<Plain<InteractionPage>> {
    return this.interactions.list(query, owner);
  }

  @Get('interactions/:id')
  @BelongsTo('SELECT FROM llm_interactions WHERE id = $1 AND principal_id = $2')
  @Requires('viewer')
  @ApiOperation({ summary: 'Get one model call with its whole texts' })
  @ApiOkResponse({ type: InteractionDetail })
  getInteraction(@UuidParam() id: string): Promise<Plain<InteractionDetail>> {
    return this.interactions.get(id);
  }
}

import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentOwner, type Owner } from '../../auth/owner.js';
import type { Plain } from '../../http/plain.js';
import { Decisions } from './decisions.service.js';
import { DecisionPage, DecisionQuery } from './dto/decision.dto.js';

@ApiTags('motivational')
@Controller('api/v1/motivational/decisions')
export class DecisionsController {
  constructor(private readonly decisions: Decisions) {}

  @Get()
  @ApiOperation({
    summary: 'List evaluations, newest first',
    description:
      'Which motivations were considered, with their evidence, scores and factors; which got a task, and why the others did not. Kept for 7 days. Where principals are kept apart, only admins see the evidence.',
  })
  @ApiOkResponse({ type: DecisionPage })
  listDecisions(@Query() query: DecisionQuery, @CurrentOwner() owner: Owner): Promise<Plain<DecisionPage>> {
    return this.decisions.list(query, owner);
  }
}

import { Controller, Get, Query } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Requires } from '../../auth/access.decorators.js';
import { CurrentOwner, type Owner } from '../../auth/owner.js';
import type { Plain } from '../../http/plain.js';
import { CostList, CostsQuery } from './costs.dto.js';
import { Costs } from './costs.service.js';
import { LlmStats, ModelUsage, UsageView } from './stats.dto.js';
import { Stats } from './stats.service.js';

@ApiTags('llm')
@ApiExtraModels(ModelUsage, UsageView)
@Controller('api/v1/llm')
export class StatsController {
  constructor(
    private readonly stats: Stats,
    private readonly costs: Costs,
  ) {}

  @Get('stats')
  @Requires('viewer')
  @ApiOperation({
    summary: 'Count all model calls, their tokens, money and time',
    description:
      'Of all replicas and since the beginning, exact at any moment. Only the circuit breakers are of the process that answers.',
  })
  @ApiOkResponse({ type: LlmStats })
  getStats(@CurrentOwner() owner: Owner): Promise<Plain<LlmStats>> {
    return this.stats.get(owner);
  }

  @Get('costs')
  @Requires('viewer')
  @ApiOperation({
    summary: 'List what was spent on what',
    description:
      'Over whole UTC days, exact at any moment. A page that follows is ranked by what was spent until then.',
  })
  @ApiOkResponse({ type: CostList })
  listCosts(@Query() query: CostsQuery, @CurrentOwner() owner: Owner): Promise<Plain<CostList>> {
    return this.costs.list(query, owner);
  }
}

import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, Requires } from '../../auth/access.decorators.js';
import { BelongsTo } from '../../auth/owner.js';
import type { Principal } from '../../auth/principal.js';
import { ApiProblems } from '../../http/api-problems.decorator.js';
import { UuidParam } from '../../http/uuid-param.js';
import { OWN_WORKFLOW } from '../workflows/belonging.sql.js';
import { FeedbackService } from './feedback.service.js';
import { GivenFeedback, GiveFeedback, Learning } from './learning.dto.js';
import { LearningQueries } from './learning-queries.service.js';

@ApiTags('orchestrator')
@Controller('api/v1/orchestrator')
export class LearningController {
  constructor(
    private readonly feedback: FeedbackService,
    private readonly queries: LearningQueries,
  ) {}

  @Get('learning')
  @Requires('viewer')
  @ApiOperation({
    summary: 'List what was learned of the strategies, by input type and complexity',
    description:
      'The posterior success of each strategy with its mean cost and time, over the newest 50 workflows each.',
  })
  @ApiOkResponse({ type: Learning })
  getLearning(): Promise<Learning> {
    return this.queries.learning();
  }

  @Post('workflows/:id/feedback')
  @BelongsTo(OWN_WORKFLOW)
  @HttpCode(200)
  @Requires('operator')
  @ApiOperation({
    summary: 'Say how useful the result of an ended workflow was',
    description: 'One a principal: a later one replaces it. Its usefulness and composite score follow.',
  })
  @ApiOkResponse({ type: GivenFeedback })
  @ApiProblems('CONFLICT')
  giveFeedback(
    @UuidParam() id: string,
    @Body() body: GiveFeedback,
    @CurrentPrincipal() principal: Principal,
  ): Promise<GivenFeedback> {
    return this.feedback.give(id, principal.id, body);
  }
}

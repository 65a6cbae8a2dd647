import { Controller, Get, Query } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Requires } from '../../auth/access.decorators.js';
import { CurrentOwner, type Owner } from '../../auth/owner.js';
import { ApiProblems } from '../../http/api-problems.decorator.js';
import type { Plain } from '../../http/plain.js';
import {
  IntegrationStatusDto,
  MotivationFeedbackDto,
  RecentTasksDto,
  TypeFeedbackDto,
} from './dto/motivational-task.dto.js';
import { FeedbackQuery, RecentTasksQuery } from './dto/motivational-task-queries.dto.js';
import { MotivationalTaskQueries } from './motivational-task-queries.service.js';

@ApiTags('motivational')
@Requires('viewer')
@Controller('api/v1/motivational')
export class MotivationalTasksController {
  constructor(private readonly tasks: MotivationalTaskQueries) {}

  @Get('tasks/recent')
  @ApiOperation({
    summary: 'The newest tasks that NYX gave itself, why, and what became of them.',
    description: 'They tell of everybody’s work: where principals are kept apart, only admins see them.',
  })
  @ApiOkResponse({ type: RecentTasksDto })
  getRecentTasks(@Query() query: RecentTasksQuery, @CurrentOwner() owner: Owner): Promise<Plain<RecentTasksDto>> {
    return this.tasks.recent(query, owner);
  }

  @Get('integration/status')
  @ApiOperation({ summary: 'What runs of its own accord, and whether motivations hear how it ends.' })
  @ApiOkResponse({ type: IntegrationStatusDto })
  getIntegrationStatus(): Promise<Plain<IntegrationStatusDto>> {
    return this.tasks.integrationStatus();
  }

  @Get('feedback')
  @ApiOperation({ summary: 'How the tasks of the last days ended, and what that did to their motivations.' })
  @ApiExtraModels(TypeFeedbackDto)
  @ApiOkResponse({ type: MotivationFeedbackDto })
  @ApiProblems('NOT_FOUND')
  getMotivationFeedback(@Query() query: FeedbackQuery): Promise<Plain<MotivationFeedbackDto>> {
    return this.tasks.feedback(query);
  }
}

import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { CurrentPrincipal } from '../../auth/access.decorators.js';
import { BelongsTo, CurrentOwner, type Owner } from '../../auth/owner.js';
import type { Principal } from '../../auth/principal.js';
import { ApiProblems } from '../../http/api-problems.decorator.js';
import { CurrentClaim, Idempotent } from '../../http/idempotency/idempotent.decorator.js';
import type { IdempotencyClaim } from '../../http/idempotency/idempotency.store.js';
import { PageQuery } from '../../http/page-query.dto.js';
import type { Plain } from '../../http/plain.js';
import { UuidParam } from '../../http/uuid-param.js';
import { CreateSchedule, SchedulePage, ScheduleRun, ScheduleView, UpdateSchedule } from './dto/schedule.dto.js';
import { Schedules } from './schedules.service.js';

@ApiTags('orchestrator')
@BelongsTo('SELECT FROM schedules WHERE id = $1 AND principal_id = $2')
@Controller('api/v1/orchestrator/schedules')
export class SchedulesController {
  constructor(private readonly schedules: Schedules) {}

  @Get()
  @ApiOperation({ summary: 'List schedules, newest first' })
  @ApiOkResponse({ type: SchedulePage })
  listSchedules(@Query() query: PageQuery, @CurrentOwner() owner: Owner): Promise<Plain<SchedulePage>> {
    return this.schedules.list(query, owner);
  }

  @Post()
  @Idempotent()
  @ApiOperation({
    summary: 'Make a schedule',
    description: 'Each fire starts exactly one workflow, which belongs to whoever made the schedule.',
  })
  @ApiCreatedResponse({ type: ScheduleView })
  createSchedule(
    @Body() body: CreateSchedule,
    @CurrentPrincipal() { id }: Principal,
    @CurrentClaim() claim: IdempotencyClaim | undefined,
  ): Promise<Plain<ScheduleView>> {
    return this.schedules.create(body, id, claim);
  }

  @Get(':id')
  @ApiOperation({ summary: 'Get a schedule with its next fires and what came of the last' })
  @ApiOkResponse({ type: ScheduleView })
  getSchedule(@UuidParam() id: string): Promise<Plain<ScheduleView>> {
    return this.schedules.get(id);
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Change a schedule; another cron or time zone counts from now on' })
  @ApiOkResponse({ type: ScheduleView })
  updateSchedule(@UuidParam() id: string, @Body() body: UpdateSchedule): Promise<Plain<ScheduleView>> {
    return this.schedules.update(id, body);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete a schedule; the workflows it fired stay' })
  @ApiNoContentResponse({ description: 'It is gone.' })
  deleteSchedule(@UuidParam() id: string): Promise<void> {
    return this.schedules.remove(id);
  }

  @Post(':id/pause')
  @HttpCode(200)
  @ApiOperation({ summary: 'Pause a schedule; repeating it changes nothing' })
  @ApiOkResponse({ type: ScheduleView })
  pauseSchedule(@UuidParam() id: string): Promise<Plain<ScheduleView>> {
    return this.schedules.pause(id);
  }

  @Post(':id/resume')
  @HttpCode(200)
  @ApiOperation({ summary: 'Resume a schedule from now on: what fell into the pause does not fire' })
  @ApiOkResponse({ type: ScheduleView })
  resumeSchedule(@UuidParam() id: string): Promise<Plain<ScheduleView>> {
    return this.schedules.resume(id);
  }

  @Post(':id/run')
  @HttpCode(202)
  @Idempotent()
  @ApiOperation({ summary: 'Start a workflow of a schedule now, beside its timetable' })
  @ApiAcceptedResponse({ type: ScheduleRun })
  @ApiProblems('VALIDATION_ERROR')
  runSchedule(
    @UuidParam() id: string,
    @CurrentClaim() claim: IdempotencyClaim | undefined,
  ): Promise<Plain<ScheduleRun>> {
    return this.schedules.run(id, claim);
  }
}

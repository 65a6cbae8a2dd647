import { Injectable } from '@nestjs/common';
import { derivedId } from '../../database/ids.js';
import type { Transaction } from '../../database/sql.js';
import { EventLog } from '../../events/event-log.js';
import type { ExecuteWorkflow } from '../workflows/dto/execute-workflow.dto.js';
import type { CreateSchedule } from './dto/schedule.dto.js';
import { nextFireTimes, type ScheduleRow } from './schedule-rows.js';
import { inContent } from './schedule-request.js';
import { Schedules } from './schedules.service.js';

/** Makes schedules of workflow requests that only say when to run what. */
@Injectable()
export class ScheduleRegistrar {
  constructor(
    private readonly schedules: Schedules,
    private readonly events: EventLog,
  ) {}

  /** The schedule, and its workflow `id`, which is complete with that. Call `changed` of the schedules when it has committed. */
  async register(
    tx: Transaction,
    id: string,
    request: ExecuteWorkflow,
    draft: CreateSchedule,
    principalId: string,
  ): Promise<void> {
    const scheduleId = derivedId(id, 'schedule');
    const schedule = await inContent(() => this.schedules.insert(tx, scheduleId, draft, principalId));
    await this.write(tx, id, request, schedule);
  }

  /** A workflow that is complete as it begins. */
  private async write(tx: Transaction, id: string, request: ExecuteWorkflow, schedule: ScheduleRow): Promise<void> {
    const { input_type, priority = 'medium', urgency = 'normal' } = request;
    const goal = `Register the schedule ${schedule.name}`;
    const times = nextFireTimes(schedule);
    const text = `Registered the schedule “${schedule.name}” (${schedule.cron}, ${schedule.timezone}). It fires next at ${times[0] ?? ''}.`;
    await tx.query(
      `WITH workflow AS (
         INSERT INTO workflows (id, principal_id, input_type, content, execution_context, domain_context, user_context,
                                historical_context, priority, urgency, goal, status, phase, success, result_content, registered,
                                started_at, completed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'completed', 'completed', true, $12, $13, now(), now())
         RETURNING id, goal
       )
       INSERT INTO thought_trees (id, root_id, goal, status, completed_at) SELECT id, id, goal, 'completed', now() FROM workflow`,
      [
        id,
        schedule.principal_id,
        input_type,
        request.content,
        request.execution_context ?? {},
        request.domain_context ?? {},
        request.user_context ?? {},
        request.historical_context ?? {},
        priority,
        urgency,
        goal,
        text,
        { schedule_id: schedule.id, next_fire_times: times },
      ],
    );
    this.events.begin(tx, id, schedule.principal_id, [
      { type: 'workflow.started', data: { status: 'pending', input_type, priority, urgency } },
      { type: 'workflow.completed', data: { status: 'completed', progress_percentage: 100 } },
    ]);
  }
}

import type { Plain } from '../../http/plain.js';
import { templateOf, type TemplateColumns } from '../workflow-templates/template-columns.js';
import type { ScheduleView } from './dto/schedule.dto.js';
import { fireTimesFrom, timetableOf } from './fire-times.rules.js';
import type { MissedFires } from './schedule.values.js';

export interface ScheduleRow extends TemplateColumns {
  readonly id: string;
  readonly name: string;
  readonly principal_id: string;
  readonly cron: string;
  readonly timezone: string;
  readonly missed_fires: MissedFires;
  readonly is_paused: boolean;
  readonly next_fire_at: Date;
  readonly last_fire_at: Date | null;
  readonly last_workflow_id: string | null;
  readonly last_error: string | null;
  readonly last_error_at: Date | null;
  readonly created_at: Date;
  readonly updated_at: Date;
  /** Of the database, at the start of the transaction. */
  readonly now: Date;
}

export const SCHEDULE_COLUMNS = `id, name, principal_id, cron, timezone, missed_fires, template_name, template_request, parameters,
  is_paused, next_fire_at, last_fire_at, last_workflow_id, last_error, last_error_at, created_at, updated_at, now() AS now`;

const SHOWN_FIRE_TIMES = 5;

export const nextFireTimes = (row: ScheduleRow): string[] =>
  row.is_paused
    ? []
    : fireTimesFrom(timetableOf(row.cron, row.timezone), row.next_fire_at, SHOWN_FIRE_TIMES).map((at) =>
        at.toISOString(),
      );

export const presentSchedule = (row: ScheduleRow): Plain<ScheduleView> => ({
  id: row.id,
  name: row.name,
  principal_id: row.principal_id,
  schedule: row.cron,
  timezone: row.timezone,
  missed_fires: row.missed_fires,
  workflow_template: templateOf(row).template,
  parameters: row.parameters,
  status: row.is_paused ? 'paused' : 'active',
  next_fire_times: nextFireTimes(row),
  last_fire_at: row.last_fire_at?.toISOString() ?? null,
  last_workflow_id: row.last_workflow_id,
  last_error: row.last_error,
  last_error_at: row.last_error_at?.toISOString() ?? null,
  created_at: row.created_at.toISOString(),
  updated_at: row.updated_at.toISOString(),
});

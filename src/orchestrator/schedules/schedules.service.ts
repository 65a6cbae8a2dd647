import { Injectable } from '@nestjs/common';
import { ofOwner, type Owner } from '../../auth/owner.js';
import { Database } from '../../database/database.service.js';
import { Notifications } from '../../database/notifications.service.js';
import type { Sql, Transaction } from '../../database/sql.js';
import { exactTime, pageOf, placeAfter, type Cursor } from '../../http/cursor.js';
import { IdempotencyService } from '../../http/idempotency/idempotency.service.js';
import type { IdempotencyClaim } from '../../http/idempotency/idempotency.store.js';
import type { PageQuery } from '../../http/page-query.dto.js';
import type { Plain } from '../../http/plain.js';
import { notFound } from '../../http/problem.js';
import { validationProblem } from '../../http/validation.js';
import { prefixed } from '../workflow-templates/template-check.js';
import type { TemplateReference } from '../workflow-templates/template-reference.decorator.js';
import { TemplateResolver } from '../workflow-templates/template-resolver.service.js';
import { WorkflowAcceptance } from '../workflows/workflow-acceptance.service.js';
import { templateColumnsOf, templateOf } from '../workflow-templates/template-columns.js';
import type { CreateSchedule, SchedulePage, ScheduleRun, ScheduleView, UpdateSchedule } from './dto/schedule.dto.js';
import { nextFire, timetableErrors, timetableOf } from './fire-times.rules.js';
import { presentSchedule, SCHEDULE_COLUMNS, type ScheduleRow } from './schedule-rows.js';
import type { MissedFires } from './schedule.values.js';

/** Tells every replica's clock to look again. */
export const SCHEDULES_CHANNEL = 'nyx_schedules';

interface Draft {
  readonly name: string;
  readonly schedule: string;
  readonly timezone: string;
  readonly missed_fires: MissedFires;
  readonly workflow_template: TemplateReference;
  readonly parameters: Record<string, unknown>;
}

/** When workflows start by themselves. The rows are the truth: a clock on every replica reads them. */
@Injectable()
export class Schedules {
  constructor(
    private readonly database: Database,
    private readonly notifications: Notifications,
    private readonly resolver: TemplateResolver,
    private readonly acceptance: WorkflowAcceptance,
    private readonly idempotency: IdempotencyService,
  ) {}

  async list({ limit, cursor }: PageQuery, owner: Owner): Promise<Plain<SchedulePage>> {
    const after = placeAfter(cursor);
    const values: unknown[] = [after.at, after.id, limit + 1];
    const own = ofOwner(owner, values);
    const rows = await this.database.query<ScheduleRow & Cursor>(
      `SELECT ${SCHEDULE_COLUMNS}, ${exactTime('created_at')} AS at FROM schedules
        WHERE (created_at, id) < ($1::timestamptz, $2::uuid)${own}
        ORDER BY created_at DESC, id DESC LIMIT $3`,
      values,
    );
    return pageOf(rows, limit, presentSchedule);
  }

  /** @throws Problem NOT_FOUND */
  async get(id: string): Promise<Plain<ScheduleView>> {
    return presentSchedule(await rowOf(this.database, id));
  }

  /** @throws Problem VALIDATION_ERROR */
  async create(
    body: CreateSchedule,
    principalId: string,
    claim: IdempotencyClaim | undefined,
  ): Promise<Plain<ScheduleView>> {
    const row = await this.database.transaction(async (tx) => {
      const { id, isNew } = await this.idempotency.bind(tx, claim);
      return isNew ? this.insert(tx, id, body, principalId) : rowOf(tx, id);
    });
    this.changed();
    return presentSchedule(row);
  }

  /** A new schedule in the caller's transaction. Call `changed` when it has committed. @throws Problem VALIDATION_ERROR */
  async insert(tx: Transaction, id: string, body: CreateSchedule, principalId: string): Promise<ScheduleRow> {
    const { schedule, timezone = 'UTC', missed_fires = 'skip', workflow_template } = body;
    const name = body.name ?? (typeof workflow_template === 'string' ? workflow_template : 'schedule');
    const draft = { name, schedule, timezone, missed_fires, workflow_template, parameters: body.parameters ?? {} };
    await this.check(tx, draft, principalId);
    const next = nextFire(timetableOf(schedule, timezone), await nowOf(tx));
    await tx.query(
      `INSERT INTO schedules (id, name, cron, timezone, missed_fires, template_name, template_request, parameters,
                              next_fire_at, principal_id)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [id, ...columnsOf(draft), next, principalId],
    );
    return rowOf(tx, id);
  }

  /** To be called when a change has committed. */
  changed(): void {
    this.notifications.notify(SCHEDULES_CHANNEL, 'changed');
  }

  /** @throws Problem NOT_FOUND, VALIDATION_ERROR */
  async update(id: string, body: UpdateSchedule): Promise<Plain<ScheduleView>> {
    const row = await this.database.transaction(async (tx) => {
      const before = await lockedRow(tx, id);
      const draft: Draft = {
        name: body.name ?? before.name,
        schedule: body.schedule ?? before.cron,
        timezone: body.timezone ?? before.timezone,
        missed_fires: body.missed_fires ?? before.missed_fires,
        workflow_template: body.workflow_template ?? templateOf(before).template,
        parameters: body.parameters ?? before.parameters,
      };
      await this.check(tx, draft, before.principal_id);
      const isMoved = draft.schedule !== before.cron || draft.timezone !== before.timezone;
      const next = isMoved
        ? nextFire(timetableOf(draft.schedule, draft.timezone), await nowOf(tx))
        : before.next_fire_at;
      await tx.query(
        `UPDATE schedules SET name = $2, cron = $3, timezone = $4, missed_fires = $5, template_name = $6, template_request = $7,
                parameters = $8, next_fire_at = $9, updated_at = now() WHERE id = $1`,
        [id, ...columnsOf(draft), next],
      );
      return rowOf(tx, id);
    });
    this.changed();
    return presentSchedule(row);
  }

  /** Its workflows stay. @throws Problem NOT_FOUND */
  async remove(id: string): Promise<void> {
    const gone = await this.database.query('DELETE FROM schedules WHERE id = $1 RETURNING id', [id]);
    if (gone.length === 0) throw notFound(`Schedule ${id}`);
  }

  /** @throws Problem NOT_FOUND */
  async pause(id: string): Promise<Plain<ScheduleView>> {
    await this.database.query(
      'UPDATE schedules SET is_paused = true, updated_at = now() WHERE id = $1 AND NOT is_paused',
      [id],
    );
    return this.get(id);
  }

  /** What fell into the pause does not fire. @throws Problem NOT_FOUND */
  async resume(id: string): Promise<Plain<ScheduleView>> {
    const row = await this.database.transaction(async (tx) => {
      const before = await lockedRow(tx, id);
      if (!before.is_paused) return before;
      const next = nextFire(timetableOf(before.cron, before.timezone), await nowOf(tx));
      await tx.query('UPDATE schedules SET is_paused = false, next_fire_at = $2, updated_at = now() WHERE id = $1', [
        id,
        next,
      ]);
      return rowOf(tx, id);
    });
    this.changed();
    return presentSchedule(row);
  }

  /** Fires now, beside the slots of its timetable, also while it is paused. @throws Problem NOT_FOUND, VALIDATION_ERROR */
  async run(id: string, claim: IdempotencyClaim | undefined): Promise<Plain<ScheduleRun>> {
    const workflowId = await this.database.transaction(async (tx) => {
      const workflow = await this.idempotency.bind(tx, claim);
      if (workflow.isNew) await this.start(tx, await lockedRow(tx, id), workflow.id);
      return workflow.id;
    });
    this.acceptance.begun(workflowId);
    return { schedule_id: id, workflow_id: workflowId };
  }

  /**
   * A workflow of a schedule whose row the transaction holds. Call `begun` of the acceptance when it has committed.
   * @throws Problem VALIDATION_ERROR, before anything is written, when its template can no longer be run
   */
  async start(tx: Transaction, row: ScheduleRow, workflowId: string): Promise<void> {
    const checked = await this.resolver.resolve(tx, templateOf(row), row.principal_id);
    const origination = { principalId: row.principal_id, origin: 'schedule', scheduleId: row.id } as const;
    await this.acceptance.write(tx, workflowId, checked, origination).catch((error: unknown) => {
      throw prefixed(error, 'workflow_template');
    });
    await tx.query(
      `UPDATE schedules SET last_fire_at = clock_timestamp(), last_workflow_id = $2, last_error = NULL, last_error_at = NULL
        WHERE id = $1`,
      [row.id, workflowId],
    );
  }

  private async check(
    sql: Sql,
    { schedule, timezone, workflow_template, parameters }: Draft,
    principalId: string,
  ): Promise<void> {
    const errors = timetableErrors(schedule, timezone);
    if (errors.length > 0) throw validationProblem(errors);
    await this.resolver.resolve(sql, { template: workflow_template, parameters }, principalId);
  }
}

const columnsOf = ({ name, schedule, timezone, missed_fires, workflow_template, parameters }: Draft): unknown[] => [
  name,
  schedule,
  timezone,
  missed_fires,
  ...templateColumnsOf(workflow_template),
  parameters,
];

async function rowOf(sql: Sql, id: string): Promise<ScheduleRow> {
  const [row] = await sql.query<ScheduleRow>(`SELECT ${SCHEDULE_COLUMNS} FROM schedules WHERE id = $1`, [id]);
  if (row === undefined) throw notFound(`Schedule ${id}`);
  return row;
}

async function lockedRow(tx: Transaction, id: string): Promise<ScheduleRow> {
  await tx.query('SELECT id FROM schedules WHERE id = $1 FOR UPDATE', [id]);
  return rowOf(tx, id);
}

/** The time after whatever lock was waited for. */
async function nowOf(sql: Sql): Promise<Date> {
  const [row] = await sql.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  if (row === undefined) throw new Error('The database told no time.');
  return row.now;
}

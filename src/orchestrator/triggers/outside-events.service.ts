import { Injectable } from '@nestjs/common';
import { ofOwner, type Owner } from '../../auth/owner.js';
import { conditionsOf } from '../../database/conditions.js';
import { Database } from '../../database/database.service.js';
import { derivedId } from '../../database/ids.js';
import type { Sql, Transaction } from '../../database/sql.js';
import { storableJson } from '../../database/storable.js';
import { exactTime, pageOf, placeAfter, type Cursor } from '../../http/cursor.js';
import { IdempotencyService } from '../../http/idempotency/idempotency.service.js';
import type { IdempotencyClaim } from '../../http/idempotency/idempotency.store.js';
import type { Plain } from '../../http/plain.js';
import { notFound, Problem, problemReason } from '../../http/problem.js';
import { StartRecord, type OwnStart } from '../workflows/start-record.js';
import { WorkflowAcceptance } from '../workflows/workflow-acceptance.service.js';
import { templateOf } from '../workflow-templates/template-columns.js';
import { allHold } from './condition.rules.js';
import type {
  EventOutcome,
  OutsideEventPage,
  OutsideEventQuery,
  OutsideEventSummary,
  OutsideEventView,
  SkippedTrigger,
  StartedWorkflow,
  TellEvent,
} from './dto/outside-event.dto.js';
import { Reactions, type OutsideEvent } from './reaction.service.js';
import { TRIGGER_COLUMNS, type TriggerRow } from './trigger-rows.js';

/** Workflows that one event may start. Of more triggers those come first that have not fired for the longest. */
const MAX_STARTED = 100;

interface EventRow {
  readonly id: string;
  readonly type: string;
  readonly source: string;
  readonly workflows: readonly StartedWorkflow[];
  readonly skipped: readonly SkippedTrigger[];
  readonly created_at: Date;
}
type WholeEventRow = EventRow & { readonly details: Record<string, unknown> };
type DueTrigger = TriggerRow & { readonly is_debounced: boolean };

const COLUMNS = 'id, type, source, workflows, skipped, created_at';

/** What others tell NYX of, and the workflows that come of it. */
@Injectable()
export class OutsideEvents {
  constructor(
    private readonly database: Database,
    private readonly reactions: Reactions,
    private readonly acceptance: WorkflowAcceptance,
    private readonly record: StartRecord,
    private readonly idempotency: IdempotencyService,
  ) {}

  /** Stores the event and accepts the workflows of every trigger of the owner that matches, in one transaction. */
  async tell(
    { type, source, details }: TellEvent,
    principalId: string,
    owner: Owner,
    claim: IdempotencyClaim | undefined,
  ): Promise<Plain<EventOutcome>> {
    const event = { type, source, details: details ?? {} };
    const row = await this.database.transaction(async (tx) => {
      const { id, isNew } = await this.idempotency.bind(tx, claim);
      if (!isNew) return rowOf(tx, id);
      const { workflows, skipped, starts } = await this.react(tx, id, event, owner);
      await tx.query(
        `INSERT INTO outside_events (id, principal_id, type, source, details, workflows, skipped)
         VALUES ($1, $2, $3, $4, $5, $6, $7)`,
        [id, principalId, type, source, event.details, storableJson(workflows), storableJson(skipped)],
      );
      const told = await rowOf(tx, id);
      await this.record.write(tx, starts);
      return told;
    });
    for (const { workflow_id: workflowId } of row.workflows) this.acceptance.begun(workflowId);
    return outcomeOf(row);
  }

  async list({ limit, cursor, type }: OutsideEventQuery, owner: Owner): Promise<Plain<OutsideEventPage>> {
    const after = placeAfter(cursor);
    const values: unknown[] = [after.at, after.id, limit + 1];
    const asked = conditionsOf(values, { 'type = ?': type });
    const own = ofOwner(owner, values);
    const rows = await this.database.query<EventRow & Cursor>(
      `SELECT ${COLUMNS}, ${exactTime('created_at')} AS at FROM outside_events
        WHERE (created_at, id) < ($1::timestamptz, $2::uuid)${asked}${own}
        ORDER BY created_at DESC, id DESC LIMIT $3`,
      values,
    );
    return pageOf(rows, limit, summaryOf);
  }

  /** @throws Problem NOT_FOUND */
  async get(id: string): Promise<Plain<OutsideEventView>> {
    const row = await rowOf(this.database, id);
    return { ...summaryOf(row), details: row.details };
  }

  private async react(
    tx: Transaction,
    eventId: string,
    event: OutsideEvent,
    owner: Owner,
  ): Promise<{ workflows: StartedWorkflow[]; skipped: SkippedTrigger[]; starts: OwnStart[] }> {
    const workflows: StartedWorkflow[] = [];
    const starts: OwnStart[] = [];
    const skipped: SkippedTrigger[] = [];
    for (const trigger of await matching(tx, event, owner)) {
      const reason =
        workflows.length >= MAX_STARTED
          ? `over ${MAX_STARTED} triggers match`
          : await this.fire(tx, eventId, event, trigger);
      if (reason !== undefined) {
        skipped.push({ trigger_id: trigger.id, reason });
        continue;
      }
      const workflowId = workflowIdOf(eventId, trigger);
      workflows.push({ trigger_id: trigger.id, workflow_id: workflowId });
      starts.push({ workflowId, by: { kind: 'trigger', id: trigger.id, ownerId: trigger.principal_id } });
    }
    return { workflows, skipped, starts };
  }

  /** @returns why it did not, undefined when it did */
  private async fire(
    tx: Transaction,
    eventId: string,
    event: OutsideEvent,
    trigger: DueTrigger,
  ): Promise<string | undefined> {
    if (trigger.is_debounced) {
      await tx.query('UPDATE triggers SET swallowed_count = swallowed_count + 1 WHERE id = $1', [trigger.id]);
      return 'debounced';
    }
    const workflowId = workflowIdOf(eventId, trigger);
    const refusal = await this.start(tx, workflowId, event, trigger);
    if (refusal !== undefined) {
      await tx.query('UPDATE triggers SET last_error = $2, last_error_at = clock_timestamp() WHERE id = $1', [
        trigger.id,
        refusal,
      ]);
      return refusal;
    }
    await tx.query(
      `UPDATE triggers SET fired_count = fired_count + 1, last_fired_at = clock_timestamp(), last_workflow_id = $2,
              last_error = NULL, last_error_at = NULL WHERE id = $1`,
      [trigger.id, workflowId],
    );
    return undefined;
  }

  /** @returns why there is no workflow; that of one trigger keeps neither the event nor the other triggers up */
  private async start(
    tx: Transaction,
    workflowId: string,
    event: OutsideEvent,
    trigger: TriggerRow,
  ): Promise<string | undefined> {
    try {
      const checked = await this.reactions.to(tx, event, templateOf(trigger), trigger.principal_id);
      const origination = { principalId: trigger.principal_id, origin: 'user', triggerId: trigger.id } as const;
      await this.acceptance.write(tx, workflowId, checked, origination);
      return undefined;
    } catch (error) {
      if (error instanceof Problem) return problemReason(error);
      throw error;
    }
  }
}

/** The same event and trigger make the same workflow. */
const workflowIdOf = (eventId: string, { id }: TriggerRow): string => derivedId('trigger', eventId, id);

/** Triggers that match, held until the transaction ends; read again once they are held, since others may have fired them meanwhile. */
async function matching(tx: Transaction, { type, source, details }: OutsideEvent, owner: Owner): Promise<DueTrigger[]> {
  const values: unknown[] = [type, source];
  const own = ofOwner(owner, values);
  const candidates = await tx.query<TriggerRow>(
    `SELECT ${TRIGGER_COLUMNS} FROM triggers WHERE is_enabled AND event_type = $1 AND source IN ($2, '*')${own}`,
    values,
  );
  const ids = candidates.filter(({ conditions }) => allHold(conditions, details)).map(({ id }) => id);
  if (ids.length === 0) return [];
  await tx.query('SELECT id FROM triggers WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE', [ids]);
  const held = await tx.query<DueTrigger>(
    `SELECT ${TRIGGER_COLUMNS},
            coalesce(last_fired_at + make_interval(secs => debounce_seconds) > clock_timestamp(), false) AS is_debounced
       FROM triggers
      WHERE id = ANY($1::uuid[]) AND is_enabled AND event_type = $2 AND source IN ($3, '*')
      ORDER BY last_fired_at NULLS FIRST, id`,
    [ids, type, source],
  );
  return held.filter(({ conditions }) => allHold(conditions, details));
}

async function rowOf(sql: Sql, id: string): Promise<WholeEventRow> {
  const [row] = await sql.query<WholeEventRow>(`SELECT ${COLUMNS}, details FROM outside_events WHERE id = $1`, [id]);
  if (row === undefined) throw notFound(`Event ${id}`);
  return row;
}

const outcomeOf = ({ id, workflows, skipped }: EventRow): Plain<EventOutcome> => ({
  event_id: id,
  matched: workflows.length + skipped.length,
  workflows,
  skipped,
});

const summaryOf = (row: EventRow): Plain<OutsideEventSummary> => ({
  ...outcomeOf(row),
  type: row.type,
  source: row.source,
  created_at: row.created_at.toISOString(),
});

import { Injectable } from '@nestjs/common';
import { conditionsOf } from '../../database/conditions.js';
import { Database } from '../../database/database.service.js';
import { newId } from '../../database/ids.js';
import type { Sql } from '../../database/sql.js';
import { storableJson, storableText } from '../../database/storable.js';
import { type Cursor, exactTime, pageOf, placeAfter } from '../../http/cursor.js';
import type { Plain } from '../../http/plain.js';
import type { AuditEntryView, AuditPage, AuditQuery } from './audit.dto.js';
import type { AuditOutcome } from './audit.values.js';

export interface AuditEntry {
  readonly actor:
    { readonly id: string; readonly username: string; readonly kind: string; readonly role: string } | undefined;
  readonly action: string;
  readonly method: string;
  readonly path: string;
  readonly target?: string | undefined;
  readonly outcome: AuditOutcome;
  readonly status?: number;
  readonly errorCode?: string;
  readonly address: string | undefined;
  readonly requestId: string | undefined;
  readonly repeated?: number;
}

type Row = Omit<Plain<AuditEntryView>, 'at' | 'actor'> &
  Cursor & {
    readonly time: Date;
    readonly actor_id: string | null;
    readonly actor_name: string | null;
    readonly actor_kind: string | null;
    readonly actor_role: string | null;
  };

const COLUMNS = `id, seq::float8 AS seq, at AS time, actor_id, actor_name, actor_kind, actor_role, action, method, path, target, outcome,
  status, error_code, address, request_id, repeated, hash, ${exactTime('at')} AS at`;

/** The log of who did what. */
@Injectable()
export class Audit {
  constructor(private readonly database: Database) {}

  /** @param sql the transaction of the change it tells of, where there is one; last in it, for writers of the log wait for each other */
  record(entry: AuditEntry, sql: Sql = this.database): Promise<void> {
    return this.recordAll([entry], sql);
  }

  /** Several at once, in their order. */
  async recordAll(entries: readonly AuditEntry[], sql: Sql): Promise<void> {
    await sql.query(
      `INSERT INTO audit_log (id, seq, at, hash, actor_id, actor_name, actor_kind, actor_role, action, method, path, target, outcome,
                              status, error_code, address, request_id, repeated)
       SELECT id, 1, now(), '', actor_id, left(actor_name, 100), actor_kind, actor_role, left(action, 100), left(method, 10),
              left(path, 500), left(target, 300), outcome, status, error_code, left(address, 64), request_id, repeated
         FROM jsonb_to_recordset($1::jsonb) AS entry (id uuid, actor_id text, actor_name text, actor_kind text, actor_role text,
                action text, method text, path text, target text, outcome text, status integer, error_code text, address text,
                request_id text, repeated integer)`,
      [storableJson(entries.map(rowOf))],
    );
  }

  /** Newest first. */
  async list({ limit, cursor, actor_id, action, outcome, from, to }: AuditQuery): Promise<Plain<AuditPage>> {
    const after = placeAfter(cursor);
    const values: unknown[] = [limit + 1, after.at, after.id];
    const asked = conditionsOf(values, {
      'actor_id = ?': actor_id,
      'action = ?': action,
      'outcome = ?': outcome,
      'at >= ?': from,
      'at < ?': to,
    });
    // `at` alone would be the text that is selected, which no index has.
    const rows = await this.database.query<Row>(
      `SELECT ${COLUMNS} FROM audit_log WHERE (at, id) < ($2::timestamptz, $3::uuid)${asked}
        ORDER BY audit_log.at DESC, id DESC LIMIT $1`,
      values,
    );
    return pageOf(rows, limit, present);
  }
}

/** Without control characters: some part the columns where a row is hashed, others deceive who reads the log in a terminal. */
const shown = (text: string): string => storableText(text).replaceAll(/\p{Cc}/gu, '\uFFFD');

const rowOf = ({ actor, ...entry }: AuditEntry) => ({
  id: newId(),
  actor_id: actor?.id,
  actor_name: actor && shown(actor.username),
  actor_kind: actor?.kind,
  actor_role: actor?.role,
  action: entry.action,
  method: entry.method,
  path: shown(entry.path),
  target: entry.target && shown(entry.target),
  outcome: entry.outcome,
  status: entry.status,
  error_code: entry.errorCode,
  address: entry.address && shown(entry.address),
  request_id: entry.requestId,
  repeated: entry.repeated ?? 1,
});

const present = ({
  time,
  actor_id,
  actor_name,
  actor_kind,
  actor_role,
  at: _at,
  ...row
}: Row): Plain<AuditEntryView> => ({
  ...row,
  at: time.toISOString(),
  actor:
    actor_id === null
      ? null
      : { id: actor_id, username: actor_name ?? '', kind: actor_kind ?? '', role: actor_role ?? '' },
});

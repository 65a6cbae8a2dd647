import { Injectable } from '@nestjs/common';
import { ofOwner, type Owner } from '../../auth/owner.js';
import { Database } from '../../database/database.service.js';
import { decodeCursor, exactTime, pageOf } from '../../http/cursor.js';
import type { Plain } from '../../http/plain.js';
import { isoTime } from '../tree-rows.js';
import { isOfOwner } from '../workflows/belonging.sql.js';
import type { CommunicationFilter, CommunicationPage, CommunicationView } from './dto/communication.dto.js';

type Row = Omit<CommunicationView, 'sent_at' | 'received_at'> & { sent_at: Date; received_at: Date | null };

const present = (row: Row): Plain<CommunicationView> => ({
  id: row.id,
  workflow_id: row.workflow_id,
  thought_tree_id: row.thought_tree_id,
  sender_agent_id: row.sender_agent_id,
  receiver_agent_id: row.receiver_agent_id,
  message_type: row.message_type,
  content: row.content,
  sent_at: isoTime(row.sent_at),
  received_at: row.received_at === null ? null : isoTime(row.received_at),
  delivered: row.delivered,
  processed: row.processed,
});

/** What agents told each other, newest first. */
@Injectable()
export class CommunicationQueries {
  constructor(private readonly database: Database) {}

  async list(filter: CommunicationFilter, owner: Owner): Promise<Plain<CommunicationPage>> {
    const cursor = filter.cursor === undefined ? undefined : decodeCursor(filter.cursor);
    const values: unknown[] = [
      filter.limit + 1,
      cursor?.at ?? null,
      cursor?.id ?? null,
      filter.workflow_id ?? null,
      filter.thought_tree_id ?? null,
      filter.agent_id ?? null,
      filter.message_type ?? null,
    ];
    const own = ofOwner(owner, values, isOfOwner('c.workflow_id'));
    const rows = await this.database.query<Row & { at: string }>(
      `SELECT c.id, c.workflow_id, c.thought_tree_id, c.sender_agent_id, c.receiver_agent_id, c.message_type, c.content,
              c.sent_at, c.received_at, c.delivered, c.processed, ${exactTime('c.sent_at')} AS at
         FROM agent_communications c
        WHERE ($2::timestamptz IS NULL OR (c.sent_at, c.id) < ($2, $3::uuid))
          AND ($4::uuid IS NULL OR c.workflow_id = $4) AND ($5::uuid IS NULL OR c.thought_tree_id = $5)
          AND ($6::uuid IS NULL OR c.sender_agent_id = $6 OR c.receiver_agent_id = $6)
          AND ($7::varchar IS NULL OR c.message_type = $7)${own}
        ORDER BY c.sent_at DESC, c.id DESC LIMIT $1`,
      values,
    );
    return pageOf(rows, filter.limit, present);
  }
}

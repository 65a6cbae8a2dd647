import { Injectable } from '@nestjs/common';
import { ofOwner, type Owner } from '../../auth/owner.js';
import { conditionsOf } from '../../database/conditions.js';
import { Database } from '../../database/database.service.js';
import { exactTime, pageOf, placeAfter } from '../../http/cursor.js';
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
    const after = placeAfter(filter.cursor);
    const values: unknown[] = [filter.limit + 1, after.at, after.id];
    const asked = conditionsOf(values, {
      'c.workflow_id = ?': filter.workflow_id,
      'c.thought_tree_id = ?': filter.thought_tree_id,
      '(c.sender_agent_id = ? OR c.receiver_agent_id = ?)': filter.agent_id,
      'c.message_type = ?': filter.message_type,
    });
    const own = ofOwner(owner, values, isOfOwner('c.workflow_id'));
    const rows = await this.database.query<Row & { at: string }>(
      `SELECT c.id, c.workflow_id, c.thought_tree_id, c.sender_agent_id, c.receiver_agent_id, c.message_type, c.content,
              c.sent_at, c.received_at, c.delivered, c.processed, ${exactTime('c.sent_at')} AS at
         FROM agent_communications c
        WHERE (c.sent_at, c.id) < ($2::timestamptz, $3::uuid)${asked}${own}
        ORDER BY c.sent_at DESC, c.id DESC LIMIT $1`,
      values,
    );
    return pageOf(rows, filter.limit, present);
  }
}

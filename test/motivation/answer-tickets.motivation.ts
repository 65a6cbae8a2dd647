/** As docs/extending.md shows it, but for the paths: a motivation that is not built into NYX. */
import { Injectable } from '@nestjs/common';
import type { Sql } from '../../src/database/sql.js';
import { quotes } from '../../src/motivation/motivations/evidence-text.rules.js';
import {
  type Evidence,
  type EvidenceRow,
  Motivation,
  type Outlook,
  type Proposal,
} from '../../src/motivation/motivations/motivation.js';
import { notTaken } from '../../src/motivation/motivations/taken-targets.sql.js';

type Ticket = EvidenceRow & { readonly question: string };
const WAITING = `SELECT 'ticket' AS kind, id::text, question FROM tickets t
  WHERE asked_at < now() - interval '1 hour' AND ${notTaken('answer_tickets', "'ticket:' || t.id")} ORDER BY asked_at LIMIT 10`;

@Injectable()
export class AnswerTickets extends Motivation<Ticket> {
  readonly type = 'answer_tickets';
  readonly description = 'Drafts answers to tickets that nobody answered for an hour.';
  readonly category = 'maintenance';
  readonly defaults = { urgency: 0, satisfaction: 0.5, decayRate: 0.02, boostFactor: 1, maxUrgency: 1 };

  async look(sql: Sql): Promise<Evidence<Ticket>> {
    const rows = await sql.query<Ticket>(WAITING);
    return { count: rows.length, summary: `${rows.length} tickets wait for an answer`, rows };
  }

  boost({ count }: Evidence<Ticket>): number {
    return 0.05 * count;
  }

  propose({ rows: [ticket] }: Evidence<Ticket>, outlook: Outlook): Proposal | undefined {
    if (ticket === undefined) return undefined;
    const target = `ticket:${ticket.id}`;
    const prompt = `Draft an answer to ${target}.${quotes(target, outlook, [{ what: 'question', text: ticket.question }])}`;
    return { target, prompt, request: { input_type: 'user_prompt', content: { prompt } } };
  }
}

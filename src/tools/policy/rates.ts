import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../config/app-config.js';
import type { Sql, Transaction } from '../../database/sql.js';
import type { ToolCaller } from '../tool-caller.js';
import { RATE_WINDOW_SECONDS, rateRefusal, type RateRefusal } from './rates.rules.js';

/** Locks of two numbers are apart from those of one, which the durable room takes. */
const LOCK_CLASS = 4_801;

/** Not what began before the database's clock went back, which would count until that clock is there again. */
const WINDOW = `started_at > statement_timestamp() - interval '${RATE_WINDOW_SECONDS} seconds' AND started_at <= statement_timestamp()`;

/** What a tool refused itself was begun all the same: it may have looked up names or sent something before. */
const BEGUN = `(status <> 'refused' OR duration_ms IS NOT NULL)`;

const OF_PERSON = `
  SELECT count(*) AS in_window, extract(epoch FROM statement_timestamp() - min(started_at)) AS oldest_seconds, NULL AS of_workflow
    FROM tool_executions
   WHERE workflow_id IS NULL AND principal_id = $1 AND tool_name = $2 AND ${BEGUN} AND ${WINDOW}`;

const OF_AGENT = `
  SELECT count(*) FILTER (WHERE tool_name = $2 AND ${WINDOW}) AS in_window,
         extract(epoch FROM statement_timestamp() - min(started_at) FILTER (WHERE tool_name = $2 AND ${WINDOW})) AS oldest_seconds,
         count(*) AS of_workflow
    FROM tool_executions WHERE workflow_id = $1 AND ${BEGUN}`;

interface Counts {
  readonly in_window: string;
  readonly oldest_seconds: string | null;
  readonly of_workflow: string | null;
}

/** How often tools are called, counted over all replicas by the rows of the runs. Calls that were refused before they were begun do not count. */
@Injectable()
export class Rates {
  constructor(private readonly config: AppConfig) {}

  /** What refuses one more call at this moment; two at once both hear the same. */
  async look(sql: Sql, caller: ToolCaller, toolName: string): Promise<RateRefusal | undefined> {
    const { ratePerMinute, maxCallsPerWorkflow } = this.config.tools;
    const isAgent = caller.kind === 'agent';
    if (!isAgent && ratePerMinute === 0) return undefined;
    const who = isAgent ? caller.workflowId : caller.principalId;
    const [row] = await sql.query<Counts>(isAgent ? OF_AGENT : OF_PERSON, [who, toolName]);
    if (row === undefined) return undefined;
    const counts = {
      inWindow: Number(row.in_window),
      oldestSeconds: row.oldest_seconds === null ? undefined : Number(row.oldest_seconds),
      ofWorkflow: row.of_workflow === null ? undefined : Number(row.of_workflow),
    };
    return rateRefusal(toolName, counts, { perMinute: ratePerMinute, perWorkflow: maxCallsPerWorkflow });
  }

  /** As `look`, and until `tx` ends nobody else's call of this caller is counted: its row is to be written in `tx`. */
  async take(tx: Transaction, caller: ToolCaller, toolName: string): Promise<RateRefusal | undefined> {
    // A statement of its own: the count has to see what was committed while the lock was waited for.
    const who = caller.kind === 'agent' ? caller.workflowId : `${caller.principalId}/${toolName}`;
    await tx.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [LOCK_CLASS, who]);
    return this.look(tx, caller, toolName);
  }
}

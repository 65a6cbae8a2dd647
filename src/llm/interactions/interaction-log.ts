import { Injectable } from '@nestjs/common';
import type { Decimal } from 'decimal.js';
import { cutTo } from '../../database/cut.rules.js';
import type { Sql, Transaction } from '../../database/sql.js';
import { storableJson, storableText } from '../../database/storable.js';
import type { CallPlan } from '../call-plan.js';
import { charactersOf } from '../confidence.rules.js';
import type { LlmAnswer } from '../llm-call.js';
import { newPartOf, type ToolCall } from '../prompt-layout.js';
import { totalInputTokens, type TokenUsage } from '../pricing.rules.js';
import type { LlmInteractionStatus } from './llm-interaction.values.js';

/** An earlier attempt at the same durable step. */
export interface EarlierAttempt {
  readonly id: string;
  readonly status: LlmInteractionStatus;
  readonly response_text: string | null;
  readonly response: unknown;
  readonly stop_reason: string | null;
  readonly provider: string;
  readonly model: string;
  readonly token_count_input: number | null;
  readonly token_count_output: number | null;
  readonly cache_creation_input_tokens: number | null;
  readonly cache_read_input_tokens: number | null;
  readonly cost_usd: string | null;
  readonly cost_without_cache_usd: string | null;
  readonly latency_ms: number | null;
  readonly cache_hit: boolean;
  readonly error_code: string | null;
  readonly error_message: string | null;
  readonly retry_count: number;
  readonly tool_calls: readonly ToolCall[] | null;
  readonly response_blocks: readonly object[] | null;
}

/** How an attempt without a usable, written answer ended. */
export interface Ending {
  readonly status: 'failed' | 'in_doubt';
  readonly errorCode: string;
  readonly message: string;
  readonly latencyMs: number;
  /** Unset: unknown. */
  readonly costUsd: Decimal | undefined;
  readonly providerRequestId: string | undefined;
  /** What is booked, where that is known; output as the most it can have been. */
  readonly usage?: TokenUsage;
  readonly costWithoutCacheUsd?: Decimal;
}

const EARLIER_COLUMNS = `id, status, response_text, response, stop_reason, provider, model, token_count_input, token_count_output,
  cache_creation_input_tokens, cache_read_input_tokens, cost_usd, cost_without_cache_usd, latency_ms, cache_hit,
  error_code, error_message, retry_count, tool_calls, response_blocks`;

/** $1 workflow, $2 step, $3 attempts already known. */
const EARLIER =
  'FROM llm_interactions WHERE workflow_id = $1::uuid AND step_key = $2::text AND NOT id = ANY($3::uuid[])';

/** $16 are the attempts already known: while the step has others, nothing is opened. */
const OPEN = `
  INSERT INTO llm_interactions (id, workflow_id, step_key, thought_tree_id, agent_id, session_id, principal_id, purpose,
    provider, model, system_prompt, prompt_text, uses_prompt_caching, cache_ttl_seconds, retry_count, status,
    template_name, template_version, other_templates, origin)
  SELECT $1::uuid, $2::uuid, $3::text, $4::uuid, $5::uuid, $6::text, $7::text, $8::text,
    $9::text, $10::text, $11::text, $12::text, $13::boolean, $14::integer, $15::integer, 'sent',
    $17::text, $18::integer, $19::jsonb, coalesce((SELECT origin FROM workflows WHERE id = $2::uuid), 'api')
  WHERE NOT EXISTS (SELECT FROM llm_interactions WHERE workflow_id = $2::uuid AND step_key = $3::text AND NOT id = ANY($16::uuid[]))
  ON CONFLICT (id) DO NOTHING RETURNING id`;

/** The answer of a call that an admin released may still come, but no call takes longer than this. */
const RELEASED_LATELY = `(error_code = 'RELEASED' AND response_timestamp > now() - interval '1 day')`;

/** A day later, so that nothing is rolled up in the moment in which it is answered. */
const RELEASED_FOR_GOOD_AT = `now() + interval '2 days'`;

/** Enters ended calls for the statistics, with when they are final. One that is answered although it was released stands there already. */
const queue = (ended: string): string => `
    INSERT INTO llm_usage_queue (interaction_id, final_at) ${ended}
    ON CONFLICT (interaction_id) DO UPDATE SET final_at = excluded.final_at`;

/** Around a statement that closes rows: enters what ended for the statistics and for counting templates. Answers the closed ones. */
const closing = (update: string): string => `
  WITH closed AS (
    ${update} RETURNING id, status, success, template_name, template_version, other_templates
  ), queued AS (${queue(`SELECT id, now() FROM closed WHERE status <> 'in_doubt'`)}
  ), noted AS (
    INSERT INTO prompt_template_uses (interaction_id, template_name, template_version, other_templates, success)
    SELECT id, template_name, template_version, coalesce(other_templates, '[]'), success FROM closed
     WHERE template_name IS NOT NULL AND status <> 'in_doubt'
  )
  SELECT id FROM closed`;

const CACHE_TTL_SECONDS = { '5m': 300, '1h': 3600 };

/** Why a transaction goes back that was to close an interaction. */
export class AlreadyClosed extends Error {}

/** The rows of llm_interactions: one per attempt, from before it is sent. */
@Injectable()
export class InteractionLog {
  /** @returns false, with nothing written, when the step has attempts that are not known */
  async open(tx: Sql, id: string, plan: CallPlan, retryCount: number, known: readonly string[]): Promise<boolean> {
    const { call, request, provider } = plan;
    const { workflowId, thoughtId, agentId, sessionId, principalId } = call.attribution;
    const ttls = Object.values(request.cache);
    const rows = await tx.query(OPEN, [
      id,
      workflowId ?? null,
      call.stepKey ?? null,
      thoughtId ?? null,
      agentId ?? null,
      sessionId ?? null,
      principalId,
      call.purpose,
      provider,
      request.model,
      request.system === undefined ? null : storableText(request.system),
      storableText(newPartOf(request)),
      ttls.length > 0,
      ttls.length > 0 ? Math.max(...ttls.map((ttl) => CACHE_TTL_SECONDS[ttl])) : null,
      retryCount,
      known,
      call.template?.name ?? null,
      call.template?.version ?? null,
      call.otherTemplates === undefined ? null : storableJson(call.otherTemplates),
    ]);
    return rows.length > 0;
  }

  /** The attempts at the step of a call that the caller does not know of. */
  async earlier(sql: Sql, { call }: CallPlan, known: readonly string[]): Promise<EarlierAttempt[]> {
    const { workflowId } = call.attribution;
    return sql.query(`SELECT ${EARLIER_COLUMNS} ${EARLIER}`, [workflowId ?? null, call.stepKey ?? null, known]);
  }

  /** The attempt that answered a durable step. */
  async succeededAt(sql: Sql, workflowId: string, stepKey: string): Promise<EarlierAttempt | undefined> {
    const [row] = await sql.query<EarlierAttempt>(
      `SELECT ${EARLIER_COLUMNS} FROM llm_interactions WHERE workflow_id = $1 AND step_key = $2 AND status = 'succeeded'`,
      [workflowId, stepKey],
    );
    return row;
  }

  /** The transaction fails with `AlreadyClosed` when the row was closed before, as by a commit whose acknowledgement was lost. */
  succeed(tx: Transaction, answer: LlmAnswer, providerRequestId: string | undefined): void {
    const { usage, fault } = answer;
    tx.send(
      closing(`UPDATE llm_interactions SET status = 'succeeded', success = $2, response_text = $3, response = $4::jsonb, stop_reason = $5,
         response_timestamp = clock_timestamp(), token_count_input = $6::int + $8::int + $9::int, token_count_output = $7,
         cache_creation_input_tokens = $8, cache_read_input_tokens = $9, cached_token_count = $9, cache_hit = $9::int > 0,
         latency_ms = $10, cost_usd = $11, cost_without_cache_usd = $12, error_code = $13, error_message = $14, provider_request_id = $15,
         tool_calls = $16::jsonb, response_blocks = $17::jsonb, confidence = $18, content_length = $19
       WHERE id = $1 AND (status IN ('sent', 'in_doubt') OR ${RELEASED_LATELY})`),
      [
        answer.interactionId,
        fault === undefined,
        answer.text,
        answer.json === undefined ? null : storableJson(answer.json),
        cutTo(storableText(answer.stopReason), 50),
        usage.inputTokens,
        usage.outputTokens,
        usage.cacheCreationInputTokens,
        usage.cacheReadInputTokens,
        answer.latencyMs,
        answer.costUsd.toFixed(),
        answer.costWithoutCacheUsd.toFixed(),
        fault?.code ?? null,
        fault?.message ?? null,
        providerRequestId?.slice(0, 200) ?? null,
        answer.toolCalls.length === 0 ? null : storableJson(answer.toolCalls),
        answer.blocks === undefined ? null : storableJson(answer.blocks),
        answer.confidence ?? null,
        answer.content === answer.text ? null : charactersOf(answer.content),
      ],
      (rows) => {
        if (rows.length === 0) throw new AlreadyClosed();
      },
    );
  }

  /** @returns false when the row was closed before */
  async end(tx: Sql, id: string, ending: Ending): Promise<boolean> {
    const { usage } = ending;
    const rows = await tx.query(
      closing(`UPDATE llm_interactions SET status = $2::text, success = false, error_code = $3, error_message = $4,
         response_timestamp = clock_timestamp(), latency_ms = $5, cost_usd = $6, provider_request_id = $7,
         token_count_input = $8, token_count_output = $9, cache_creation_input_tokens = $10, cache_read_input_tokens = $11,
         cached_token_count = $11, cache_hit = coalesce($11::int, 0) > 0, cost_without_cache_usd = $12
       WHERE id = $1 AND (status IN ('sent', 'in_doubt') OR ($2::text = 'failed' AND ${RELEASED_LATELY}))`),
      [
        id,
        ending.status,
        ending.errorCode,
        storableText(ending.message),
        ending.latencyMs,
        ending.costUsd?.toFixed() ?? null,
        ending.providerRequestId?.slice(0, 200) ?? null,
        usage ? totalInputTokens(usage) : null,
        usage?.outputTokens ?? null,
        usage ? usage.cacheCreation5mTokens + usage.cacheCreation1hTokens : null,
        usage?.cacheReadTokens ?? null,
        ending.costWithoutCacheUsd?.toFixed() ?? null,
      ],
    );
    return rows.length > 0;
  }

  /** An attempt that was in doubt and that an admin decides cost nothing. The truth is still written when it comes in later. */
  async release(tx: Sql, id: string): Promise<void> {
    // Whoever puts it in doubt at this moment is waited for: the condition below would not see it, the ledger's would.
    await tx.query('SELECT id FROM llm_interactions WHERE id = $1 FOR UPDATE', [id]);
    await tx.query(
      `WITH released AS (
         UPDATE llm_interactions SET status = 'failed', success = false, cost_usd = 0, error_code = 'RELEASED', response_timestamp = clock_timestamp(),
           error_message = 'Nobody knows what came of this call; an admin gave back what was reserved for it.'
         WHERE id = $1 AND status = 'in_doubt' RETURNING id
       )
       ${queue(`SELECT id, ${RELEASED_FOR_GOOD_AT} FROM released`)}`,
      [id],
    );
  }

  /** An attempt whose process ended, or stopped being the one that may write, before it was closed. */
  async abandon(tx: Sql, id: string): Promise<void> {
    await tx.query(
      `UPDATE llm_interactions SET status = 'in_doubt', success = false, error_code = 'OUTCOME_UNKNOWN',
         error_message = 'The process that made this call ended before its outcome was written.'
       WHERE id = $1 AND status = 'sent'`,
      [id],
    );
  }
}

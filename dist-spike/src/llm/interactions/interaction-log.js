var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
import { Injectable } from '@nestjs/common';
import { storableText } from '../answer.rules.js';
/** $16 are the attempts already known. What stands of the step, and the new row only when nothing else does, in one statement. */
const OPEN = `
  WITH earlier AS MATERIALIZED (
    SELECT * FROM llm_interactions WHERE workflow_id = $2::uuid AND step_key = $3::text AND NOT id = ANY($16::uuid[])
  ), opened AS (
    INSERT INTO llm_interactions (id, workflow_id, step_key, thought_tree_id, agent_id, session_id, principal_id, purpose,
      provider, model, system_prompt, prompt_text, uses_prompt_caching, cache_ttl_seconds, retry_count, status)
    SELECT $1::uuid, $2::uuid, $3::text, $4::uuid, $5::uuid, $6::text, $7::text, $8::text,
      $9::text, $10::text, $11::text, $12::text, $13::boolean, $14::integer, $15::integer, 'sent'
    WHERE NOT EXISTS (SELECT 1 FROM earlier)
    ON CONFLICT (id) DO NOTHING
    RETURNING id
  )
  SELECT o.id AS opened_id, e.* FROM (SELECT 1) AS one LEFT JOIN opened o ON true LEFT JOIN earlier e ON true`;
const CACHE_TTL_SECONDS = 300;
/** The rows of llm_interactions: one per attempt, from before it is sent. */
let InteractionLog = class InteractionLog {
    async open(tx, id, plan, retryCount, known) {
        const { call, request, provider } = plan;
        const { workflowId, thoughtId, agentId, sessionId, principalId } = call.attribution;
        const isCaching = request.cacheSystem;
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
            request.system ?? null,
            request.prompt,
            isCaching,
            isCaching ? CACHE_TTL_SECONDS : null,
            retryCount,
            known,
        ]);
        const earlier = rows.filter((row) => typeof row.id === 'string');
        return { isOpened: rows.some((row) => row.opened_id !== null), earlier };
    }
    /** @returns false when the row was closed before, as after a commit whose acknowledgement was lost */
    async succeed(tx, answer, providerRequestId) {
        const { usage, fault } = answer;
        const rows = await tx.query(`UPDATE llm_interactions SET status = 'succeeded', success = $2, response_text = $3, response = $4::jsonb, stop_reason = $5,
         response_timestamp = clock_timestamp(), token_count_input = $6::int + $8::int + $9::int, token_count_output = $7,
         cache_creation_input_tokens = $8, cache_read_input_tokens = $9, cached_token_count = $9, cache_hit = $9::int > 0,
         latency_ms = $10, cost_usd = $11, cost_without_cache_usd = $12, error_code = $13, error_message = $14, provider_request_id = $15
       WHERE id = $1 AND status IN ('sent', 'in_doubt') RETURNING id`, [
            answer.interactionId,
            fault === undefined,
            answer.text,
            answer.json === undefined ? null : JSON.stringify(answer.json),
            answer.stopReason.slice(0, 50),
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
        ]);
        return rows.length > 0;
    }
    async end(tx, id, ending) {
        await tx.query(`UPDATE llm_interactions SET status = $2, success = false, error_code = $3, error_message = $4,
         response_timestamp = clock_timestamp(), latency_ms = $5, cost_usd = $6, provider_request_id = $7
       WHERE id = $1 AND status IN ('sent', 'in_doubt')`, [
            id,
            ending.status,
            ending.errorCode,
            storableText(ending.message),
            ending.latencyMs,
            ending.costUsd?.toFixed() ?? null,
            ending.providerRequestId?.slice(0, 200) ?? null,
        ]);
    }
    /** An attempt whose process ended, or stopped being the one that may write, before it was closed. */
    async abandon(tx, id) {
        await tx.query(`UPDATE llm_interactions SET status = 'in_doubt', success = false, error_code = 'OUTCOME_UNKNOWN',
         error_message = 'The process that made this call ended before its outcome was written.'
       WHERE id = $1 AND status = 'sent'`, [id]);
    }
};
InteractionLog = __decorate([
    Injectable()
], InteractionLog);
export { InteractionLog };
//# sourceMappingURL=interaction-log.js.map
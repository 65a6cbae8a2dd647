import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.service.js';
import { invalid } from '../../http/problem.js';
import type { Plain } from '../../http/plain.js';
import { LlmGateway } from '../gateway.js';
import type { LlmAnswer } from '../llm-call.js';
import type { GenerateRequest, GenerateResponse } from './generate.dto.js';

interface Caller {
  readonly id: string;
}

/** Who sends a system prompt sends it again; nobody says how soon. */
const EXPECTED_REUSE = { uses: 2, gapSeconds: 300 };

const TEMPERATURE_WARNING = 'temperature was not sent on: the models refuse it.';

/** A single model call for a person or a program, covered by no workflow's budget. */
@Injectable()
export class GenerateService {
  constructor(
    private readonly gateway: LlmGateway,
    private readonly database: Database,
  ) {}

  /** @throws what `LlmGateway.call` throws; Problem VALIDATION_ERROR */
  async generate(request: GenerateRequest, caller: Caller): Promise<Plain<GenerateResponse>> {
    const { system, prompt } = promptsOf(request);
    if (request.stream === true) throw invalid('stream', 'streaming is not available yet; leave it out or send false');
    const attribution = await this.attributionOf(request);
    const answer = await this.gateway.call({
      purpose: 'generate',
      system,
      prompt,
      model: request.model ?? undefined,
      maxTokens: request.max_tokens ?? undefined,
      reuse: (request.use_native_caching ?? true) ? { system: EXPECTED_REUSE } : {},
      attribution: { principalId: caller.id, ...attribution },
      budget: { workflowIds: [] },
    });
    return responseOf(answer, typeof request.temperature === 'number' ? [TEMPERATURE_WARNING] : []);
  }

  private async attributionOf({
    thought_tree_id: thoughtId,
    agent_id: agentId,
    session_id: sessionId,
  }: GenerateRequest) {
    if (thoughtId || agentId) await this.checkExistence(thoughtId ?? null, agentId ?? null);
    return { thoughtId: thoughtId ?? undefined, agentId: agentId ?? undefined, sessionId: sessionId ?? undefined };
  }

  private async checkExistence(thoughtId: string | null, agentId: string | null): Promise<void> {
    const [found] = await this.database.query<{ thought: string | null; home: string | null }>(
      `SELECT (SELECT id FROM thought_trees WHERE id = $1) AS thought, (SELECT thought_tree_id FROM agents WHERE id = $2) AS home`,
      [thoughtId, agentId],
    );
    if (thoughtId && !found?.thought) throw invalid('thought_tree_id', 'no such thought');
    if (agentId && !found?.home) throw invalid('agent_id', 'no such agent');
    if (thoughtId && agentId && found?.home !== found?.thought)
      throw invalid('agent_id', 'is not an agent of that thought');
  }
}

function promptsOf({ system_prompt, user_prompt }: GenerateRequest): { system?: string; prompt: string } {
  const isGiven = (text: string | null | undefined): text is string => typeof text === 'string' && text.trim() !== '';
  if (isGiven(user_prompt)) return { prompt: user_prompt, ...(isGiven(system_prompt) && { system: system_prompt }) };
  if (isGiven(system_prompt)) return { prompt: system_prompt };
  throw invalid('user_prompt', 'give user_prompt or system_prompt, and not an empty one');
}

function responseOf(answer: LlmAnswer, warnings: readonly string[]): Plain<GenerateResponse> {
  const { usage, fault } = answer;
  return {
    content: answer.text,
    success: fault === undefined,
    cached: answer.cached,
    model: answer.model,
    provider: answer.provider,
    stop_reason: answer.stopReason,
    interaction_id: answer.interactionId,
    latency_ms: answer.latencyMs,
    warnings: [...answer.warnings, ...warnings, ...(fault === undefined ? [] : [fault.message])],
    usage: {
      input_tokens: usage.inputTokens,
      output_tokens: usage.outputTokens,
      cache_creation_input_tokens: usage.cacheCreationInputTokens,
      cache_read_input_tokens: usage.cacheReadInputTokens,
      total_cost_usd: answer.costUsd.toNumber(),
      cost_without_cache_usd: answer.costWithoutCacheUsd.toNumber(),
    },
  };
}

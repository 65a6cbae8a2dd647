import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { Attributions } from '../../auth/attributions.js';
import type { Owner } from '../../auth/owner.js';
import { departureOf, EventStream } from '../../http/event-stream.js';
import { invalid } from '../../http/problem.js';
import type { Plain } from '../../http/plain.js';
import { LlmGateway } from '../gateway.js';
import type { CallListener, LlmAnswer, LlmCall } from '../llm-call.js';
import type { GenerateRequest, GenerateResponse } from './generate.dto.js';

interface Caller {
  readonly id: string;
  /** Whose thoughts and agents may be named. */
  readonly owner: Owner;
}

/** Who sends a system prompt sends it again; nobody says how soon. */
const EXPECTED_REUSE = { uses: 2, gapSeconds: 300 };

const TEMPERATURE_WARNING = 'temperature was not sent on: the models refuse it.';

/** A single model call for a person or a program, covered by no workflow's budget. */
@Injectable()
export class GenerateService {
  constructor(
    private readonly gateway: LlmGateway,
    private readonly attributions: Attributions,
  ) {}

  /**
   * Ends the call when the client goes away: nobody else waits for it. With a key the client may come back for a whole answer.
   * @throws what `LlmGateway.call` throws, before anything is streamed; Problem VALIDATION_ERROR
   */
  async answer(
    request: GenerateRequest,
    caller: Caller,
    response: Response,
  ): Promise<Plain<GenerateResponse> | EventStream> {
    const gone = departureOf(response);
    const call = await this.callOf(request, caller);
    const warnings = typeof request.temperature === 'number' ? [TEMPERATURE_WARNING] : [];
    if (request.stream === true) return this.stream({ ...call, signal: gone }, warnings, response);
    const comesBack = response.req.headers['idempotency-key'] !== undefined;
    return responseOf(await this.gateway.call({ ...call, signal: comesBack ? undefined : gone }), warnings);
  }

  /** Resolves with the first word; what goes wrong before is an ordinary problem, or is tried again. */
  private stream(call: LlmCall, warnings: readonly string[], response: Response): Promise<EventStream> {
    return new Promise((resolve, reject) => {
      let stream: EventStream | undefined;
      const open = (id: string): EventStream => {
        stream ??= EventStream.open(response, { interaction_id: id });
        resolve(stream);
        return stream;
      };
      let interactionId = '';
      const listener: CallListener = {
        onStart: (id) => (interactionId = id),
        onText: (text) => open(interactionId).send('delta', { text }),
      };
      this.gateway.call({ ...call, listener }).then(
        (answer) => {
          const events = open(answer.interactionId);
          const whole = responseOf(answer, warnings);
          events.send('usage', whole.usage);
          events.send('done', whole);
          events.end();
        },
        (error: unknown) => {
          if (stream === undefined) reject(error instanceof Error ? error : new Error(String(error)));
          else stream.fail(error);
        },
      );
    });
  }

  private async callOf(request: GenerateRequest, caller: Caller): Promise<LlmCall> {
    const { system, prompt } = promptsOf(request);
    const attribution = await this.attributionOf(request, caller.owner);
    return {
      purpose: 'generate',
      system,
      prompt,
      model: request.model ?? undefined,
      maxTokens: request.max_tokens ?? undefined,
      reuse: (request.use_native_caching ?? true) ? { system: EXPECTED_REUSE } : {},
      attribution: { principalId: caller.id, ...attribution },
      budget: { workflowIds: [] },
    };
  }

  private async attributionOf(
    { thought_tree_id: thoughtId, agent_id: agentId, session_id: sessionId }: GenerateRequest,
    owner: Owner,
  ) {
    const attribution = { thoughtId: thoughtId ?? undefined, agentId: agentId ?? undefined };
    await this.attributions.require(attribution, owner);
    return { ...attribution, sessionId: sessionId ?? undefined };
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

import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  LlmProvider,
  ProviderFailure,
  type AttemptListener,
  type ProviderAnswer,
  type ProviderRequest,
} from '../provider.js';
import { answerTo, bytesOf, requestText, tokensOf } from './answer.rules.js';
import { piecesOf } from './pieces.rules.js';

/** After so many pieces others get their turn. */
const PIECES_AT_ONCE = 50;

/**
 * Answers without a model: by rules, from the sentences of the prompt itself, the same request always in the same way, for nothing.
 * Plans, verdicts and votes are filled into the structured output; a tool is called where the prompt names what it is for; a text says
 * back what was asked, with an extract of what was brought along.
 */
export class OfflineProvider extends LlmProvider {
  readonly name = 'offline';
  readonly isFree = true;
  readonly notice = 'No API key is set: the offline provider answered by rules, without a model.';

  inputTokensBound(request: ProviderRequest): number {
    return bytesOf(requestText(request));
  }

  countInputTokens(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async generate(
    request: ProviderRequest,
    signal: AbortSignal,
    listener: AttemptListener = {},
  ): Promise<ProviderAnswer> {
    throwIfAborted(signal);
    const { text, toolCalls, stopReason, outputTokens } = answerTo(request);
    listener.onStart?.();
    await stream(text, signal, listener);
    return {
      text,
      toolCalls,
      stopReason,
      usage: {
        inputTokens: tokensOf(requestText(request)),
        outputTokens,
        cacheCreation5mTokens: 0,
        cacheCreation1hTokens: 0,
        cacheReadTokens: 0,
      },
    };
  }
}

async function stream(text: string, signal: AbortSignal, listener: AttemptListener): Promise<void> {
  if (listener.onText === undefined) return;
  for (const [index, piece] of piecesOf(text).entries()) {
    if (index > 0 && index % PIECES_AT_ONCE === 0) await nextTurn();
    throwIfAborted(signal);
    listener.onText(piece);
  }
}

/** Nothing here is ever charged, also not an answer that nobody waits for any more. */
function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new ProviderFailure('The call was aborted.', 'nothing', { cause: signal.reason });
}

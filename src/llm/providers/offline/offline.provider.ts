import { userTurnOf } from '../../prompt-layout.js';
import { LlmProvider, type AttemptListener, type ProviderAnswer, type ProviderRequest } from '../provider.js';
import { fillSchema } from './fill-schema.rules.js';
import { materialOf, pointsOf, shorten, subjectOf } from './text.rules.js';

/** How an answer of this provider begins, so that nobody takes it for a model's. */
export const OFFLINE_HEADER = '[offline: put together by rules, no model was asked]';

const BYTES_PER_TOKEN = 4;
const MOST_POINTS = 12;

/**
 * Answers without a model: by rules, from the sentences of the prompt itself, the same prompt always in the same way, for nothing.
 * A structured output is filled from the prompt; a text says back what was asked and lists the points of what was brought along.
 */
export class OfflineProvider extends LlmProvider {
  readonly name = 'offline';
  readonly isFree = true;
  readonly notice = 'No API key is set: the offline provider answered by rules, without a model.';

  inputTokensBound(request: ProviderRequest): number {
    return Buffer.byteLength(`${request.system ?? ''}${userTurnOf(request)}`, 'utf8');
  }

  countInputTokens(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  generate(request: ProviderRequest, signal: AbortSignal, listener: AttemptListener = {}): Promise<ProviderAnswer> {
    signal.throwIfAborted();
    const turn = userTurnOf(request);
    const whole = request.output
      ? JSON.stringify(fillSchema(request.output.schema, turn))
      : extract(turn, request.system);
    const text = request.output ? whole : whole.slice(0, request.maxTokens * BYTES_PER_TOKEN);
    listener.onStart?.();
    listener.onText?.(text);
    return Promise.resolve({
      text,
      toolCalls: [],
      stopReason: text.length < whole.length ? 'max_tokens' : 'end_turn',
      usage: {
        inputTokens: tokensOf(`${request.system ?? ''}${userTurnOf(request)}`),
        outputTokens: Math.min(tokensOf(text), request.maxTokens),
        cacheCreation5mTokens: 0,
        cacheCreation1hTokens: 0,
        cacheReadTokens: 0,
      },
    });
  }
}

const tokensOf = (text: string): number => Math.ceil(Buffer.byteLength(text, 'utf8') / BYTES_PER_TOKEN);

/** The points of the material where there is some, else of the request. */
function extract(prompt: string, system?: string): string {
  const asked = pointsOf(subjectOf(prompt)).map((point) => point.text);
  const question = asked[0] ?? shorten(system ?? prompt, 200);
  const material = materialOf(prompt)
    .map(digest)
    .filter((text) => text !== '');
  const points = (material.length > 0 ? material : asked.slice(1)).slice(0, MOST_POINTS);
  const lines = points.map((point) => `- ${shorten(point, 300)}`);
  return [OFFLINE_HEADER, '', `Asked: ${shorten(question, 300)}`, ...(lines.length > 0 ? ['', ...lines] : [])].join(
    '\n',
  );
}

/** A piece of material in a line: its first line as the title, and its first points, unless it is an offline answer that has none. */
function digest(text: string): string {
  const [title = '', ...rest] = pointsOf(text.replaceAll(OFFLINE_HEADER, '')).map((point) => point.text);
  const points = rest.filter((point) => !point.startsWith('Asked: ')).slice(0, 2);
  return points.length === 0 ? title : `${title.replace(/[.:]$/, '')}: ${points.join(' ')}`;
}

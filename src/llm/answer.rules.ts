import { storableText, storableValue } from '../database/storable.js';
import type { AnswerFault } from './llm-call.js';
import type { ProviderAnswer } from './providers/provider.js';

type Judged = Pick<ProviderAnswer, 'text' | 'stopReason' | 'refusal' | 'toolCalls'>;

export interface JudgedAnswer {
  readonly text: string;
  readonly json?: unknown;
  readonly fault?: AnswerFault;
}

/** What an answer is worth: whole, refused, cut off, or not the JSON that was asked for. */
export function judge({ text, stopReason, refusal, toolCalls }: Judged, wantsJson: boolean): JudgedAnswer {
  const clean = storableText(text);
  const fault = faultOf(stopReason, refusal, toolCalls.length > 0);
  if (fault !== undefined || !wantsJson || toolCalls.length > 0) return { text: clean, fault };
  try {
    return { text: clean, json: storableValue(JSON.parse(text)) };
  } catch {
    return {
      text: clean,
      fault: { code: 'LLM_MALFORMED_OUTPUT', message: 'The answer is not the JSON that was asked for.' },
    };
  }
}

function faultOf(stopReason: string, refusal: string | undefined, hasCalls: boolean): AnswerFault | undefined {
  switch (stopReason) {
    case 'end_turn':
    case 'stop_sequence':
      return undefined;
    case 'tool_use':
      return hasCalls
        ? undefined
        : { code: 'LLM_UNEXPECTED_STOP', message: 'The model stopped to use a tool, but asked for none.' };
    case 'refusal':
      return { code: 'LLM_REFUSED', message: storableText(refusal ?? 'The model refused to answer.') };
    case 'max_tokens':
      return { code: 'LLM_TRUNCATED', message: 'The answer was cut off at max_tokens.' };
    case 'model_context_window_exceeded':
      return { code: 'LLM_TRUNCATED', message: "The answer was cut off at the end of the model's context window." };
    case 'pause_turn':
      return { code: 'LLM_PAUSED', message: 'The model paused its turn before it was done.' };
    default:
      return {
        code: 'LLM_UNEXPECTED_STOP',
        message: `The model stopped with ${JSON.stringify(storableText(stopReason))}.`,
      };
  }
}

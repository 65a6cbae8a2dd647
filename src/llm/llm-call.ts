import type { Decimal } from 'decimal.js';
import type { Transaction } from '../database/sql.js';
import type { ConfidenceForm } from './confidence.rules.js';
import type { PromptLayout, ToolCall } from './prompt-layout.js';
import type { TemplateRef } from './prompt-templates/built-in-template.js';

/** How often a part of a prompt is expected to be asked, this call included, and the longest time between two of them. */
export interface Reuse {
  readonly uses: number;
  readonly gapSeconds: number;
}

export interface CallListener {
  /** An attempt's answer has begun. */
  onStart?(interactionId: string): void;
  /** The next piece of the answer's text. */
  onText?(text: string): void;
  /** An attempt failed after so many milliseconds; not one that an administrator ended. */
  onFailed?(ms: number): void;
}

export interface LlmCall extends PromptLayout {
  /** What the call is for: generate, plan, subtask, synthesis… Shown with the interaction. */
  readonly purpose: string;
  /** The version of the prompt template that `prompt` was rendered from. */
  readonly template?: TemplateRef;
  /** Those of the other parts: the system prompt, the shared context. They are only counted beside `template`. */
  readonly otherTemplates?: readonly TemplateRef[];
  /** Default: the configured model. Older ids are answered by the current model of their line, with a warning. */
  readonly model?: string;
  /** 1 to the model's limit; default 4096. */
  readonly maxTokens?: number;
  /** How the answer reports how sure it is, where it was asked to. */
  readonly confidence?: ConfidenceForm;
  /** Asks for a structured output. `answer.json` is parsed, not yet held against the caller's rules. */
  readonly output?: { readonly name: string; readonly schema: object };
  /** Lets the provider cache what pays by the model's prices. Unset: nothing is asked again, so nothing is cached. */
  readonly reuse?: {
    readonly system?: Reuse;
    readonly sharedContext?: Reuse;
    /** The request as a whole: the next turn of its conversation begins with it. */
    readonly conversation?: Reuse;
  };
  readonly attribution: {
    readonly principalId: string;
    readonly workflowId?: string;
    readonly thoughtId?: string;
    readonly agentId?: string;
    readonly sessionId?: string;
  };
  /** The workflows whose budgets cover the call, deepest first, and whether nobody asked for it. Day, month and session always do. */
  readonly budget: { readonly workflowIds: readonly string[]; readonly isAutonomous?: boolean };
  /** Names a durable step within `attribution.workflowId`: a call it already settled is answered from its row, not sent again. */
  readonly stepKey?: string;
  /** Makes a transaction fail, before it commits, when this process may no longer write for the workflow. Runs first in both. */
  readonly fence?: (tx: Transaction) => void;
  /** The caller's rows that must stand before the call, in the transaction that reserves for its first attempt. May run again. */
  readonly prepare?: (tx: Transaction) => Promise<void>;
  /** The caller's rows, in the transaction that settles the call. */
  readonly commit?: (tx: Transaction, answer: LlmAnswer) => void | Promise<void>;
  readonly signal?: AbortSignal;
  /** Ends waits that hold nothing (for a place, between attempts); aborts with `signal` or before. Default: `signal`. */
  readonly idleSignal?: AbortSignal;
  /** Hears the answer while it comes. An attempt whose text was heard is not tried again. */
  readonly listener?: CallListener;
  /** For each attempt; default: the configured one. */
  readonly timeoutMs?: number;
  /** For all attempts and the waits between them, from when the first is sent; default: no limit but those. */
  readonly wholeTimeoutMs?: number;
  /** Default and most: the configured number. */
  readonly maxAttempts?: number;
  /** How long each attempt may wait for its turn; default: the configured time. */
  readonly queueTimeoutMs?: number;
}

interface LlmUsage {
  /** Fresh input only: the whole input is the sum of the three input figures. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheCreationInputTokens: number;
  readonly cacheReadInputTokens: number;
}

/** Why an answer that came, and was paid, is of no use as what was asked for. */
export interface AnswerFault {
  readonly code: 'LLM_REFUSED' | 'LLM_TRUNCATED' | 'LLM_PAUSED' | 'LLM_MALFORMED_OUTPUT' | 'LLM_UNEXPECTED_STOP';
  readonly message: string;
}

export interface LlmAnswer {
  readonly interactionId: string;
  readonly text: string;
  /** The text without what reports confidence. */
  readonly content: string;
  /** 0..1; undefined where none was reported. */
  readonly confidence?: number;
  readonly json?: unknown;
  /** What the model asks to have done before it goes on. */
  readonly toolCalls: readonly ToolCall[];
  /** See `Turn.assistant.blocks`. */
  readonly blocks?: readonly object[];
  /** Set when the answer was refused, cut off, or not the JSON that was asked for. */
  readonly fault?: AnswerFault;
  readonly model: string;
  readonly provider: string;
  readonly stopReason: string;
  readonly usage: LlmUsage;
  readonly costUsd: Decimal;
  readonly costWithoutCacheUsd: Decimal;
  readonly latencyMs: number;
  /** Whether some of the input was read from the provider's cache. */
  readonly cached: boolean;
  readonly warnings: readonly string[];
  /** Attempts that failed before the one that was answered. */
  readonly retryCount: number;
}

/** The caller's signal ended the call. */
export class LlmAborted extends Error {
  constructor(cause: unknown) {
    super('The model call was aborted.', { cause });
    this.name = 'AbortError';
  }
}

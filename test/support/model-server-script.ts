import { promptText, systemText, isObject, type Json, type MessagesRequest } from './model-server-request.js';
import type { ToolUse } from './model-server-answers.js';
import { resultsIn, turnOf } from './model-server-tools.js';

/** Which calls a rule is for: all conditions that are given must hold. Strings are looked for as parts. */
export interface Match {
  /** In the text of any turn. */
  prompt?: string | RegExp;
  system?: string | RegExp;
  model?: string;
  /** A property that the top level of the output schema has; `true`: any schema, `false`: none. */
  schema?: string | boolean;
  /** Only calls that offer this tool. */
  tool?: string;
  /** Only that turn of a conversation; 1 is the first. */
  turn?: number;
  /** In the results of tools that the last turn brings. */
  result?: string | RegExp;
}

/** What happens to a call. Without `status`, `cut`, `hang` it is answered, after `hold` and `delayMs`. */
export interface Behaviour {
  answer?: string | Json;
  toolUses?: ToolUse[];
  /** What the model thought before, in a signed block. */
  thinking?: string;
  /** end_turn, max_tokens, refusal, pause_turn, model_context_window_exceeded, stop_sequence. */
  stopReason?: string;
  /** Output tokens to report in place of the counted. */
  outputTokens?: number;
  /** HTTP error to answer with. */
  status?: number;
  errorType?: string;
  errorMessage?: string;
  /** `error.details.error_code`, for example enforced_spend_limit_reached. */
  errorCode?: string;
  retryAfterSeconds?: number;
  retryAfterMs?: number;
  shouldRetry?: boolean;
  /** Ends the connection before any byte of the answer, or in the middle of its body. */
  cut?: 'before' | 'body';
  delayMs?: number;
  /** Pause between the events of a stream. */
  eventDelayMs?: number;
  /** Never answered; the connection stays open until the client or the server goes. */
  hang?: boolean;
  /** Answered only after `release()` with this name. */
  hold?: string;
  /** A 200 whose body is not JSON. */
  malformed?: boolean;
  /** A stream that breaks off with an `error` event of this type. Plain calls answer with the error's status. */
  errorEvent?: string;
}

export interface Rule extends Behaviour {
  match?: Match;
  /** How many calls the rule is for, then it is spent. Default: all. */
  times?: number;
  /** How many matching calls it lets pass first. */
  skip?: number;
}

/** A rule as it comes over HTTP: a regular expression is `{pattern, flags?}`. */
export const ruleFromJson = (value: unknown): Rule => {
  if (!isObject(value)) throw new TypeError('a rule is a JSON object');
  const match = isObject(value.match) ? value.match : {};
  const expression = (given: unknown): unknown =>
    isObject(given) ? new RegExp(String(given.pattern), typeof given.flags === 'string' ? given.flags : '') : given;
  const texts = {
    prompt: expression(match.prompt),
    system: expression(match.system),
    result: expression(match.result),
  };
  return { ...value, match: { ...match, ...texts } } as Rule;
};

const found = (wanted: string | RegExp | undefined, text: string): boolean =>
  wanted === undefined || (typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text));

const schemaFits = (wanted: string | boolean | undefined, schema: Json | undefined): boolean => {
  if (wanted === undefined) return true;
  if (typeof wanted === 'boolean') return wanted === (schema !== undefined);
  return isObject(schema?.properties) && wanted in schema.properties;
};

const matches = (match: Match, request: MessagesRequest): boolean =>
  found(match.prompt, promptText(request)) &&
  found(match.system, systemText(request)) &&
  (match.model === undefined || match.model === request.model) &&
  (match.turn === undefined || match.turn === turnOf(request.messages)) &&
  (match.result === undefined || resultsIn(request.messages).some(({ text }) => found(match.result, text))) &&
  (match.tool === undefined || request.tools.some(({ name }) => name === match.tool)) &&
  schemaFits(match.schema, request.schema);

/** The rules in force; the last added that fits a call decides. */
export class Script {
  private rules: { rule: Rule; skip: number; left: number }[] = [];

  add(rules: readonly Rule[]): void {
    for (const rule of rules) this.rules.unshift({ rule, skip: rule.skip ?? 0, left: rule.times ?? Infinity });
  }

  clear(): void {
    this.rules = [];
  }

  next(request: MessagesRequest): Behaviour {
    for (const entry of this.rules) {
      if (entry.left <= 0 || !matches(entry.rule.match ?? {}, request)) continue;
      if (entry.skip > 0) {
        entry.skip -= 1;
        continue;
      }
      entry.left -= 1;
      return entry.rule;
    }
    return {};
  }
}

import type { ToolCall, Turn } from '../../prompt-layout.js';
import { userTurnOf } from '../../prompt-layout.js';
import type { ProviderRequest } from '../provider.js';
import type { Facts } from './facts.rules.js';
import { fillSchema } from './fill-schema.rules.js';
import { asksForJudgement, judgementFacts } from './judgement.rules.js';
import { OFFLINE_HEADER } from './offline-header.js';
import { firstBytes } from './pieces.rules.js';
import { asSchema } from './schema.rules.js';
import { textAnswer } from './text-answer.rules.js';
import { toolCallsFor } from './tool-call.rules.js';
import { resultTextsOf } from './tool-results.rules.js';
import { asksForVerdict, verdictFacts, verdictOn } from './verdict.rules.js';
import { asksForVote, voteFacts, voteOn } from './vote.rules.js';

const BYTES_PER_TOKEN = 4;
/** A structured output with less room for its texts than this says nothing; then it is cut like any other. */
const LEAST_ROOM = 16;

interface Answer {
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  readonly stopReason: 'end_turn' | 'tool_use' | 'max_tokens';
  readonly outputTokens: number;
}

const texts = new WeakMap<ProviderRequest, string>();

/** Everything that a request sends, as the provider counts it. */
export function requestText(request: ProviderRequest): string {
  const known = texts.get(request);
  if (known !== undefined) return known;
  const text = [
    request.system ?? '',
    userTurnOf(request),
    ...(request.turns ?? []).map((turn) => JSON.stringify(turn)),
    ...(request.tools ?? []).map((tool) => JSON.stringify(tool)),
    request.output === undefined ? '' : JSON.stringify(request.output),
  ].join('');
  texts.set(request, text);
  return text;
}

export const bytesOf = (text: string): number => Buffer.byteLength(text, 'utf8');

export const tokensOf = (text: string): number => Math.ceil(bytesOf(text) / BYTES_PER_TOKEN);

/** The answer to a request, the same whenever it is asked: calls of tools, a structured output, or a text. */
export function answerTo(request: ProviderRequest): Answer {
  const turn = userTurnOf(request);
  const room = request.maxTokens * BYTES_PER_TOKEN;
  const toolCalls = mayCall(request) ? toolCallsFor(request.tools ?? [], turn, requestText(request)) : [];
  if (toolCalls.length > 0) return callsAnswer(toolCalls, room);
  const whole =
    request.output === undefined
      ? asAsked(textAnswer(turn, request.system, resultTextsOf(request.turns ?? [])), turn, request.system)
      : structuredAnswer(request.output.schema, turn, request.system, room);
  const text = firstBytes(whole, room);
  return { text, toolCalls: [], stopReason: text === whole ? 'end_turn' : 'max_tokens', outputTokens: tokensOf(text) };
}

/** A text in the form that was asked for: as JSON, and with how sure rules can be. */
function asAsked(text: string, turn: string, system: string | undefined): string {
  const formed = turn.includes('JSON and nothing else') ? JSON.stringify({ answer: text }) : text;
  if (system?.includes('<confidence>') !== true) return formed;
  return `${formed}\n\n<confidence>${text.includes('[Rules cannot ') ? 0.3 : 0.6}</confidence>`;
}

/** Everything that is asked for is asked for at once, so there is one round of tools. */
const mayCall = ({ turns = [], mustAnswer }: { turns?: readonly Turn[]; mustAnswer?: boolean }): boolean =>
  turns.length === 0 && mustAnswer !== true;

/** Calls that are not whole are none. */
function callsAnswer(toolCalls: readonly ToolCall[], room: number): Answer {
  const names = [...new Set(toolCalls.map(({ name }) => name))].join(', ');
  const whole = `${OFFLINE_HEADER}\n\nAsks for: ${names}.`;
  const used = tokensOf(whole + JSON.stringify(toolCalls));
  if (used * BYTES_PER_TOKEN <= room + BYTES_PER_TOKEN - 1) {
    return { text: whole, toolCalls, stopReason: 'tool_use', outputTokens: used };
  }
  const text = firstBytes(whole, room);
  return { text, toolCalls: [], stopReason: 'max_tokens', outputTokens: tokensOf(text) };
}

/** As much text as fits max_tokens, which depends on what its characters take as JSON. */
function structuredAnswer(schema: object, turn: string, system: string | undefined, bytes: number): string {
  const facts = factsFor(schema, turn, system);
  for (let room = bytes; ; room /= 2) {
    const json = JSON.stringify(fillSchema(schema, turn, facts, room));
    if (bytesOf(json) <= bytes || room < LEAST_ROOM) return json;
  }
}

function factsFor(schema: object, turn: string, system: string | undefined): Facts {
  const root = asSchema(schema);
  if (asksForJudgement(root)) return judgementFacts(turn);
  if (asksForVerdict(root, turn)) return verdictFacts(verdictOn(turn, root));
  if (asksForVote(root)) return voteFacts(voteOn(root, turn, system), turn);
  return new Map();
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { defaultAnswer } from './model-server-answers.js';
import { chargeOf, type Price } from './model-server-prices.js';
import type { RecordedRequest, Records } from './model-server-record.js';
import { RefusedRequest, type Json, type MessagesRequest } from './model-server-request.js';
import type { Behaviour, Script } from './model-server-script.js';
import type { PrefixCache, Usage } from './model-server-usage.js';
import {
  errorBody,
  errorHeaders,
  eventText,
  messageBody,
  outputTokensOf,
  scriptedAnswer,
  statusOfErrorType,
  streamEvents,
  truncate,
} from './model-server-wire.js';

export interface CallContext {
  records: Records;
  script: Script;
  cache: PrefixCache;
  prices: Readonly<Record<string, Price>>;
  /** Undefined for a model that is not listed. */
  maxOutputOf: (model: string) => number | undefined;
  /** Resolves when the hold of that name is released. */
  held: (name: string) => Promise<void>;
}

interface Exchange {
  request: MessagesRequest;
  recorded: RecordedRequest;
  response: ServerResponse;
  behaviour: Behaviour;
}

const requestIdOf = (recorded: RecordedRequest): string => `req_${String(recorded.index).padStart(8, '0')}`;

export const sendJson = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
};

export const sendError = (
  context: Pick<CallContext, 'records'>,
  recorded: RecordedRequest,
  response: ServerResponse,
  status: number,
  behaviour: Behaviour = {},
): void => {
  const requestId = requestIdOf(recorded);
  context.records.end(recorded, 'refused', status);
  sendJson(response, status, errorBody(status, requestId, behaviour), {
    'request-id': requestId,
    ...errorHeaders(behaviour),
  });
};

/** Answers one `POST /v1/messages` as the script says. */
export const answerCall = async (
  context: CallContext,
  request: MessagesRequest,
  recorded: RecordedRequest,
  response: ServerResponse,
): Promise<void> => {
  const behaviour = context.script.next(request);
  recorded.behaviour = behaviour;
  const exchange: Exchange = { request, recorded, response, behaviour };
  if (behaviour.hold !== undefined) await context.held(behaviour.hold);
  if (behaviour.delayMs !== undefined) await sleep(behaviour.delayMs, undefined, { ref: false });
  if (recorded.outcome !== 'pending' || behaviour.hang === true) return;
  if (behaviour.cut === 'before') {
    cut(context, exchange);
    return;
  }
  if (behaviour.status !== undefined) {
    sendError(context, recorded, response, behaviour.status, behaviour);
    return;
  }
  if (behaviour.errorEvent !== undefined && !request.stream) {
    const given = { ...behaviour, errorType: behaviour.errorEvent };
    sendError(context, recorded, response, statusOfErrorType(behaviour.errorEvent), given);
    return;
  }
  const price = context.prices[request.model];
  if (!price) throw new RefusedRequest(`model: ${request.model} has no price here; give it one with the option prices`);
  await answer(context, exchange, price);
};

const answer = async (context: CallContext, exchange: Exchange, price: Price): Promise<void> => {
  const { request, recorded, behaviour } = exchange;
  const limit = Math.min(request.maxTokens, context.maxOutputOf(request.model) ?? Infinity);
  const spoken = truncate(scriptedAnswer(behaviour, defaultAnswer(request)), limit);
  const usage = context.cache.count(request, behaviour.outputTokens ?? outputTokensOf(spoken), Date.now());
  const message = messageBody(request, spoken, usage, recorded.index);
  const done = (): void => {
    finish(context, exchange, message, usage, price);
  };
  exchange.response.once('finish', done);
  if (request.stream) await sendStream(context, exchange, message);
  else await sendPlain(context, exchange, message);
};

const finish = (context: CallContext, { recorded }: Exchange, message: Json, usage: Usage, price: Price): void => {
  if (recorded.outcome !== 'pending') return;
  context.records.charge(recorded, String(message.id), usage, chargeOf(price, usage));
  context.records.end(recorded, 'finished', 200);
};

const cut = (context: CallContext, { recorded, response }: Exchange): void => {
  context.records.end(recorded, 'cut');
  response.destroy();
};

const flushed = (response: ServerResponse, text: string): Promise<void> =>
  new Promise((resolve) => {
    if (response.destroyed) resolve();
    else response.write(text, () => resolve());
  });

const sendPlain = async (context: CallContext, exchange: Exchange, message: Json): Promise<void> => {
  const { response, behaviour, recorded } = exchange;
  const body = behaviour.malformed === true ? '{"id": "msg_broken", "content": [' : JSON.stringify(message);
  const headers = { 'content-type': 'application/json', 'request-id': requestIdOf(recorded) };
  response.writeHead(200, { ...headers, 'content-length': Buffer.byteLength(body) });
  if (behaviour.cut !== 'body') {
    response.end(body);
    return;
  }
  await flushed(response, body.slice(0, Math.floor(body.length / 2)));
  cut(context, exchange);
};

const sendStream = async (context: CallContext, exchange: Exchange, message: Json): Promise<void> => {
  const { response, behaviour, recorded } = exchange;
  const requestId = requestIdOf(recorded);
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache',
    'request-id': requestId,
  });
  const events = streamEvents(message);
  const breaksAt =
    behaviour.cut === 'body' || behaviour.errorEvent !== undefined ? Math.ceil(events.length / 2) : Infinity;
  for (const [index, event] of events.entries()) {
    if (recorded.outcome !== 'pending') return;
    if (index >= breaksAt) break;
    const malformed = behaviour.malformed === true && event.type === 'content_block_delta';
    await flushed(response, malformed ? `event: ${event.type}\ndata: {"type":\n\n` : eventText(event));
    if (behaviour.eventDelayMs !== undefined) await sleep(behaviour.eventDelayMs, undefined, { ref: false });
  }
  if (behaviour.cut === 'body') {
    cut(context, exchange);
    return;
  }
  if (behaviour.errorEvent !== undefined) {
    context.records.end(recorded, 'refused', 200);
    const given = { ...behaviour, errorType: behaviour.errorEvent };
    await flushed(response, eventText(errorBody(statusOfErrorType(behaviour.errorEvent), requestId, given)));
  }
  response.end();
};

/** The headers without any key. */
export const recordedHeaders = (message: IncomingMessage): Record<string, string> =>
  Object.fromEntries(
    Object.entries(message.headers).map(([name, value]) => [
      name,
      name === 'authorization' || name === 'x-api-key' ? '(present)' : String(value),
    ]),
  );

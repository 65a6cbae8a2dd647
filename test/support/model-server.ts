import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Decimal } from 'decimal.js';
import { answerCall, recordedHeaders, sendError, sendJson, type CallContext } from './model-server-calls.js';
import { ModelShelf, type ModelListing } from './model-server-models.js';
import { PRICES, type Price } from './model-server-prices.js';
import { Records, type Charge, type PromptCount, type RecordedRequest } from './model-server-record.js';
import { promptKey, promptText, readMessagesRequest, RefusedRequest, systemText } from './model-server-request.js';
import { ruleFromJson, Script, type Rule } from './model-server-script.js';
import { PrefixCache } from './model-server-usage.js';

export type { ModelListing } from './model-server-models.js';
export type { Rule } from './model-server-script.js';
export type { ArrivedResult } from './model-server-tools.js';
export { resultsIn } from './model-server-tools.js';
export type { Charge, PromptCount, RecordedRequest } from './model-server-record.js';

export interface ModelServerOptions {
  /** Default: a free one. */
  port?: number;
  /** Prices of more models, or other prices. */
  prices?: Readonly<Record<string, Price>>;
  /** Prefixes shorter than this are not cached. Default 1024. */
  cacheMinimumTokens?: number;
  rules?: readonly Rule[];
}

/**
 * A server that speaks the Messages API over real HTTP. It answers by rule (`script`), else deterministically; it keeps every
 * request and the exact price of every answer it sent in full. All of it is also reachable under `/__control/`, for tests
 * whose NYX, or whose model server, is another process.
 */
export interface ModelServer {
  readonly url: string;
  /** All but those for the list of models. */
  readonly requests: readonly RecordedRequest[];
  /** Those for the list of models, which NYX sends when it likes. */
  readonly listRequests: readonly RecordedRequest[];
  readonly charges: readonly Charge[];
  totalChargedUsd: () => Decimal;
  byPrompt: () => PromptCount[];
  /** Adds rules; of those that fit a call the last added decides. */
  script: (...rules: Rule[]) => void;
  /** How the list of models is answered from now on. */
  listModels: (listing: ModelListing) => void;
  /** Lets the calls of that hold go, also those that come later. */
  release: (hold: string) => void;
  /** Waits until so many requests arrived, or until `holds` does. */
  waitFor: (holds: number | (() => boolean), timeoutMs?: number) => Promise<void>;
  /** Forgets rules, holds, records, the list of models and the prompt cache. Calls in progress are let go. */
  reset: () => void;
  close: () => Promise<void>;
}

/** Named gates that calls wait at until they are released. */
class Holds {
  private readonly gates = new Map<string, { opened: Promise<void>; open: () => void }>();

  wait(name: string): Promise<void> {
    return this.gate(name).opened;
  }

  release(name: string): void {
    this.gate(name).open();
  }

  clear(): void {
    for (const gate of this.gates.values()) gate.open();
    this.gates.clear();
  }

  private gate(name: string): { opened: Promise<void>; open: () => void } {
    let gate = this.gates.get(name);
    if (!gate) {
      let open: () => void = () => undefined;
      const opened = new Promise<void>((resolve) => (open = resolve));
      gate = { opened, open };
      this.gates.set(name, gate);
    }
    return gate;
  }
}

const readBody = async (message: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

class Handler {
  private readonly holds = new Holds();
  private readonly cache: PrefixCache;
  readonly records = new Records();
  private readonly rules = new Script();
  private readonly models = new ModelShelf();
  private readonly context: CallContext;

  constructor(options: ModelServerOptions) {
    this.cache = new PrefixCache(options.cacheMinimumTokens ?? 1024);
    this.context = {
      records: this.records,
      script: this.rules,
      cache: this.cache,
      prices: { ...PRICES, ...options.prices },
      held: (name) => this.holds.wait(name),
      maxOutputOf: (model) => this.models.maxOutputOf(model),
    };
    this.rules.add(options.rules ?? []);
  }

  script(...rules: Rule[]): void {
    this.rules.add(rules);
  }

  listModels(listing: ModelListing): void {
    this.models.script(listing);
  }

  release(hold: string): void {
    this.holds.release(hold);
  }

  reset(): void {
    this.rules.clear();
    this.models.script({});
    this.holds.clear();
    this.records.clear();
    this.cache.clear();
  }

  async handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(message.url ?? '/', 'http://localhost');
    const path = url.pathname;
    const text = await readBody(message);
    if (path.startsWith('/__control/')) this.control(message.method ?? '', path.slice(11), parsed(text), response);
    else await this.api(message, url, text, response);
  }

  private control(method: string, name: string, body: unknown, response: ServerResponse): void {
    const { requests, charges } = this.records;
    if (method === 'GET') {
      const answers: Record<string, unknown> = { requests, charges, summary: this.records.summary() };
      sendJson(response, name in answers ? 200 : 404, answers[name] ?? {});
      return;
    }
    if (name === 'script') this.rules.add((Array.isArray(body) ? body : [body]).map(ruleFromJson));
    else if (name === 'models') this.listModels(body ?? {});
    else if (name.startsWith('release/')) this.release(decodeURIComponent(name.slice(8)));
    else if (name === 'reset') this.reset();
    response.writeHead(204).end();
  }

  private async api(message: IncomingMessage, url: URL, text: string, response: ServerResponse): Promise<void> {
    const [method, path] = [message.method ?? '', url.pathname];
    const isList = method === 'GET' && path === '/v1/models';
    const texts = { promptKey: '', prompt: '', system: '', model: '' };
    const recorded = this.records.add(
      { method, path, headers: recordedHeaders(message), body: parsed(text), ...texts, stream: false },
      isList ? this.records.listRequests : this.records.requests,
    );
    response.once('close', () => this.records.end(recorded, 'client_gone'));
    try {
      await this.route(message, recorded, url.searchParams, response);
    } catch (error) {
      if (!(error instanceof RefusedRequest)) throw error;
      sendError(this.context, recorded, response, 400, { errorMessage: error.message });
    }
  }

  private async route(
    message: IncomingMessage,
    recorded: RecordedRequest,
    query: URLSearchParams,
    response: ServerResponse,
  ): Promise<void> {
    const { method, path } = recorded;
    if (!('authorization' in message.headers) && !('x-api-key' in message.headers)) {
      sendError(this.context, recorded, response, 401, { errorMessage: 'invalid x-api-key' });
    } else if (message.headers['anthropic-version'] === undefined) {
      throw new RefusedRequest('anthropic-version: header is required');
    } else if (method === 'GET' && path === '/v1/models') {
      this.list(recorded, query, response);
    } else if (method === 'GET' && path.startsWith('/v1/models/')) {
      const model = this.models.find(decodeURIComponent(path.slice(11)));
      if (model) this.send(recorded, response, model);
      else sendError(this.context, recorded, response, 404, { errorMessage: 'model not found' });
    } else if (method === 'POST' && path === '/v1/messages/count_tokens') {
      const request = readMessagesRequest(recorded.body, false);
      this.send(recorded, response, { input_tokens: this.cache.inputTokens(request) });
    } else if (method === 'POST' && path === '/v1/messages') {
      await this.message(recorded, response);
    } else {
      sendError(this.context, recorded, response, 404, { errorMessage: 'Not Found' });
    }
  }

  private async message(recorded: RecordedRequest, response: ServerResponse): Promise<void> {
    const request = readMessagesRequest(recorded.body, true);
    Object.assign(recorded, {
      promptKey: promptKey(request),
      prompt: promptText(request),
      system: systemText(request),
      model: request.model,
      stream: request.stream,
    });
    const isKnown = this.models.find(request.model) !== undefined || request.model in this.context.prices;
    if (!isKnown || this.models.isRetired(request.model)) {
      sendError(this.context, recorded, response, 404, { errorMessage: `model: ${request.model}` });
      return;
    }
    await answerCall(this.context, request, recorded, response);
  }

  private list(recorded: RecordedRequest, query: URLSearchParams, response: ServerResponse): void {
    const { status, malformed, hang, body } = this.models.behaviour;
    if (hang === true) return;
    if (status !== undefined) sendError(this.context, recorded, response, status);
    else if (malformed !== true) this.send(recorded, response, body ?? this.models.page(query));
    else {
      this.records.end(recorded, 'finished', 200);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":[');
    }
  }

  private send(recorded: RecordedRequest, response: ServerResponse, body: unknown): void {
    this.records.end(recorded, 'finished', 200);
    sendJson(response, 200, body);
  }
}

export const startModelServer = async (options: ModelServerOptions = {}): Promise<ModelServer> => {
  const handler = new Handler(options);
  const server = createServer((message, response) => {
    handler.handle(message, response).catch((error: unknown) => {
      if (!response.headersSent)
        sendJson(response, 500, { type: 'error', error: { type: 'api_error', message: String(error) } });
      else response.destroy();
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { records } = handler;
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: records.requests,
    listRequests: records.listRequests,
    charges: records.charges,
    totalChargedUsd: () => records.totalChargedUsd(),
    byPrompt: () => records.byPrompt(),
    script: (...rules) => handler.script(...rules),
    listModels: (listing) => handler.listModels(listing),
    release: (hold) => handler.release(hold),
    waitFor: (holds, timeoutMs = 45_000) =>
      records.waitFor(typeof holds === 'number' ? () => records.requests.length >= holds : holds, timeoutMs),
    reset: () => handler.reset(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

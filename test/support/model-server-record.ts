import { Decimal } from 'decimal.js';
import type { Json } from './model-server-request.js';
import type { Behaviour } from './model-server-script.js';
import type { Usage } from './model-server-usage.js';

/** pending, until it is one of: answered in full; refused with an error; cut on purpose; broken off by the client. */
export type Outcome = 'pending' | 'finished' | 'refused' | 'cut' | 'client_gone';

/** One request as it arrived. */
export interface RecordedRequest {
  /** Order of arrival, from 0. */
  index: number;
  at: string;
  method: string;
  path: string;
  /** Without the key; `authorization` and `x-api-key` only say whether there was one. */
  headers: Record<string, string>;
  body: unknown;
  /** Equal for requests that ask the same; empty where there is no prompt. */
  promptKey: string;
  prompt: string;
  system: string;
  model: string;
  stream: boolean;
  /** What the script had for it; undefined where it was not asked. */
  behaviour?: Behaviour;
  outcome: Outcome;
  status: number | undefined;
  endedAt: string | undefined;
}

/** What an answer that was sent in full costs. Calls that were refused, cut or abandoned are not charged. */
export interface Charge {
  requestIndex: number;
  /** The `id` of the answered message. */
  messageId: string;
  promptKey: string;
  prompt: string;
  model: string;
  usage: Usage;
  costUsd: Decimal;
  at: string;
}

export interface PromptCount {
  promptKey: string;
  prompt: string;
  /** Requests that arrived, whatever became of them. */
  sent: number;
  finished: number;
  /** Sent and neither finished nor refused: broken off by the client, cut, or still open. */
  unfinished: number;
  /** Of all finished. */
  costUsd: Decimal;
  /** Of the last finished alone: what a caller pays who lost the answers before it. */
  lastCostUsd: Decimal;
}

export class Records {
  readonly requests: RecordedRequest[] = [];
  readonly listRequests: RecordedRequest[] = [];
  readonly charges: Charge[] = [];
  private watchers: (() => void)[] = [];

  add(
    request: Omit<RecordedRequest, 'index' | 'at' | 'outcome' | 'status' | 'endedAt'>,
    to = this.requests,
  ): RecordedRequest {
    const recorded: RecordedRequest = {
      ...request,
      index: to.length,
      at: new Date().toISOString(),
      outcome: 'pending',
      status: undefined,
      endedAt: undefined,
    };
    to.push(recorded);
    this.changed();
    return recorded;
  }

  end(request: RecordedRequest, outcome: Outcome, status?: number): void {
    if (request.outcome !== 'pending') return;
    Object.assign(request, { outcome, status, endedAt: new Date().toISOString() });
    this.changed();
  }

  charge(request: RecordedRequest, messageId: string, usage: Usage, costUsd: Decimal): void {
    if (this.requests[request.index] !== request) return;
    const { index, promptKey, prompt, model } = request;
    this.charges.push({
      requestIndex: index,
      messageId,
      promptKey,
      prompt,
      model,
      usage,
      costUsd,
      at: new Date().toISOString(),
    });
  }

  totalChargedUsd(): Decimal {
    return this.charges.reduce((sum, charge) => sum.plus(charge.costUsd), new Decimal(0));
  }

  /** Calls of the messages route per distinct prompt, in order of first arrival. */
  byPrompt(): PromptCount[] {
    const counts = new Map<string, PromptCount>();
    for (const request of this.requests) {
      if (request.path !== '/v1/messages' || request.promptKey === '') continue;
      const { promptKey, prompt } = request;
      const count = counts.get(promptKey) ?? {
        promptKey,
        prompt,
        sent: 0,
        finished: 0,
        unfinished: 0,
        costUsd: new Decimal(0),
        lastCostUsd: new Decimal(0),
      };
      count.sent += 1;
      if (request.outcome === 'finished') count.finished += 1;
      else if (request.outcome !== 'refused') count.unfinished += 1;
      counts.set(promptKey, count);
    }
    for (const charge of this.charges) {
      const count = counts.get(charge.promptKey);
      if (!count) continue;
      count.costUsd = count.costUsd.plus(charge.costUsd);
      count.lastCostUsd = charge.costUsd;
    }
    return [...counts.values()];
  }

  clear(): void {
    this.requests.length = 0;
    this.listRequests.length = 0;
    this.charges.length = 0;
    this.changed();
  }

  /** Resolves when `holds` does, looked at after each change; rejects after `timeoutMs`. */
  waitFor(holds: () => boolean, timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.watchers = this.watchers.filter((watcher) => watcher !== look);
        reject(new Error(`The model server waited ${timeoutMs} ms in vain; ${this.requests.length} requests arrived.`));
      }, timeoutMs);
      const look = (): void => {
        if (!holds()) return;
        clearTimeout(timer);
        this.watchers = this.watchers.filter((watcher) => watcher !== look);
        resolve();
      };
      this.watchers.push(look);
      look();
    });
  }

  summary(): Json {
    return {
      requests: this.requests.length,
      charges: this.charges.length,
      total_charged_usd: this.totalChargedUsd().toFixed(),
      by_prompt: this.byPrompt(),
    };
  }

  private changed(): void {
    for (const watcher of [...this.watchers]) watcher();
  }
}

import { performance } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import WebSocket from 'ws';

const NAMESPACE = '/ws/workflows';
const EVENT = `42${NAMESPACE},["event"`;

/** A client of Socket.IO that does as little as one can, so that the server is what is measured: it counts events and reads none. */
class LiveClient {
  events = 0;
  lagged = false;
  onEvent = () => undefined;

  constructor(baseUrl) {
    const url = new URL('/socket.io/?EIO=4&transport=websocket', baseUrl);
    url.protocol = 'ws:';
    this.socket = new WebSocket(url, { perMessageDeflate: false });
  }

  /** Resolves when it is let in and has subscribed. */
  open(token, workflowId, afterSeq) {
    return new Promise((resolve, reject) => {
      this.socket.once('error', reject);
      this.socket.once('close', () => reject(new Error('A live connection was closed.')));
      this.socket.on('message', (data) => {
        const text = data.toString('latin1');
        if (text.startsWith(EVENT)) {
          this.events += 1;
          this.onEvent();
        } else if (text.startsWith('0')) this.socket.send(`40${NAMESPACE},${JSON.stringify({ token })}`);
        else if (text === '2') this.socket.send('3');
        else if (text.startsWith(`40${NAMESPACE}`)) {
          const body = { workflow_id: workflowId, after_seq: afterSeq };
          this.socket.send(`42${NAMESPACE},0${JSON.stringify(['subscribe', body])}`);
        } else if (text.startsWith(`43${NAMESPACE},0[{"ok":true`)) resolve();
        else if (text.startsWith(`42${NAMESPACE},["lagged"`)) this.lagged = true;
        else if (text.startsWith('4')) reject(new Error(`A live client was told ${text.slice(0, 300)}`));
      });
    });
  }

  close() {
    this.socket.removeAllListeners('close').terminate();
  }
}

const CONNECTING_AT_ONCE = 20;
/** So long no event may be in coming. */
const BOUND_MS = 30_000;

/** So many subscribers of one workflow, all of them past its history. */
export class LiveClients {
  #clients = [];

  static async open(count, { baseUrl, token, workflowId, afterSeq = 0 }) {
    const clients = new LiveClients();
    while (clients.count < count) {
      const some = Array.from(
        { length: Math.min(CONNECTING_AT_ONCE, count - clients.count) },
        () => new LiveClient(baseUrl),
      );
      clients.#clients.push(...some);
      await Promise.all(some.map((client) => client.open(token, workflowId, afterSeq)));
    }
    return clients;
  }

  get count() {
    return this.#clients.length;
  }

  onEvent(listener) {
    for (const client of this.#clients) client.onEvent = listener;
  }

  /** Resolves when each has had so many events since it came. */
  async have(events) {
    for (const client of this.#clients) {
      let [had, changedAt] = [-1, 0];
      while (client.events < events) {
        if (client.lagged) throw new Error('A live client was told that it lags.');
        if (client.events !== had) [had, changedAt] = [client.events, performance.now()];
        if (performance.now() > changedAt + BOUND_MS) throw new Error(this.#missing(events));
        await turn();
      }
    }
  }

  #missing(events) {
    const behind = this.#clients.filter((client) => client.events < events);
    const least = Math.min(...behind.map((client) => client.events));
    return `${behind.length} of ${this.count} live clients wait in vain for event ${events}; one had only ${least}.`;
  }

  close() {
    for (const client of this.#clients) client.close();
  }
}

import { Agent, request } from 'node:http';

/** A small HTTP client that keeps its connections. */
export class NyxClient {
  #agent = new Agent({ keepAlive: true, maxSockets: 64 });

  constructor(baseUrl, token) {
    this.baseUrl = baseUrl;
    this.token = token;
  }

  get agent() {
    return this.#agent;
  }

  get headers() {
    return this.token === undefined ? {} : { authorization: `Bearer ${this.token}` };
  }

  async send(method, path, body, headers = {}) {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const type = text === undefined ? {} : { 'content-type': 'application/json' };
    return new Promise((resolve, reject) => {
      const options = { method, agent: this.#agent, headers: { ...this.headers, ...type, ...headers } };
      const outgoing = request(new URL(path, this.baseUrl), options, (response) => {
        const parts = [];
        response.on('data', (part) => parts.push(part));
        response.on('error', reject);
        response.on('end', () => {
          const answer = parts.join('');
          const isJson = /json/.test(response.headers['content-type'] ?? '') && answer !== '';
          resolve({ status: response.statusCode, text: answer, json: isJson ? JSON.parse(answer) : undefined });
        });
      });
      outgoing.on('error', reject);
      outgoing.end(text);
    });
  }

  async get(path) {
    const answer = await this.send('GET', path);
    if (answer.status !== 200) throw new Error(`GET ${path} answered ${answer.status}: ${answer.text.slice(0, 300)}`);
    return answer;
  }

  /** Runs a workflow to its end. */
  async run(workflow) {
    const { status, json, text } = await this.send('POST', '/api/v1/orchestrator/workflows/execute', workflow);
    if (status !== 200 || json.success !== true)
      throw new Error(`A workflow answered ${status}: ${text.slice(0, 300)}`);
    return json;
  }

  /** Has a workflow accepted. */
  async accept(workflow) {
    const path = '/api/v1/orchestrator/workflows/execute';
    const { status, json, text } = await this.send('POST', path, workflow, { prefer: 'respond-async' });
    if (status !== 202) throw new Error(`Accepting a workflow answered ${status}: ${text.slice(0, 300)}`);
    return json.workflow_id;
  }

  close() {
    this.#agent.destroy();
  }
}

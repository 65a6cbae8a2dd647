import type {
  WorkflowAccepted,
  WorkflowDetail,
  WorkflowStatusView,
} from '../../orchestrator/workflows/dto/workflow-answers.dto.js';
import type { WorkflowTree } from '../../orchestrator/workflows/dto/workflow-tree.dto.js';
import { DemoError } from './demo-error.js';

const WORKFLOWS = '/api/v1/orchestrator/workflows';
const CANCEL_TIMEOUT_MS = 3_000;

/** What the demo asks of NYX, all of it over HTTP. Ends with the signal. */
export class NyxClient {
  private constructor(
    private readonly url: string,
    private readonly token: string,
    private readonly signal: AbortSignal,
  ) {}

  static async signIn(url: string, username: string, password: string, signal: AbortSignal): Promise<NyxClient> {
    const nobody = new NyxClient(url, '', signal);
    const session = await nobody.send<{ access_token: string }>('POST', '/api/v1/auth/login', { username, password });
    return new NyxClient(url, session.access_token, signal);
  }

  /** Has a workflow accepted and does not wait for it. */
  async accept(request: object): Promise<string> {
    const accepted = await this.send<WorkflowAccepted>('POST', `${WORKFLOWS}/execute`, request, {
      prefer: 'respond-async',
    });
    return accepted.workflow_id;
  }

  status(workflowId: string): Promise<WorkflowStatusView> {
    return this.send('GET', `${WORKFLOWS}/${workflowId}/status`);
  }

  workflow(workflowId: string): Promise<WorkflowDetail> {
    return this.send('GET', `${WORKFLOWS}/${workflowId}`);
  }

  tree(workflowId: string): Promise<WorkflowTree> {
    return this.send('GET', `${WORKFLOWS}/${workflowId}/tree`);
  }

  /** Also when the signal has come: a model call in flight is aborted, so that NYX need not wait for it. */
  async cancel(workflowId: string): Promise<void> {
    const last = new NyxClient(this.url, this.token, AbortSignal.timeout(CANCEL_TIMEOUT_MS));
    await last.send('POST', `${WORKFLOWS}/${workflowId}/cancel`);
  }

  private async send<Answer>(
    method: string,
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const answer = await fetch(`${this.url}${path}`, {
      method,
      signal: this.signal,
      headers: {
        ...(this.token !== '' && { authorization: `Bearer ${this.token}` }),
        ...(body && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const json = (await answer.json()) as Answer & { readonly detail?: string };
    if (!answer.ok) throw new DemoError(`${method} ${path} answered ${answer.status}: ${json.detail ?? ''}`);
    return json;
  }
}

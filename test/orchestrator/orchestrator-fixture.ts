import { newId } from '../../src/database/ids.js';
import { RequestCheck } from '../../src/orchestrator/workflows/request-check.service.js';
import { WorkflowAcceptance } from '../../src/orchestrator/workflows/workflow-acceptance.service.js';
import { Database } from '../../src/database/database.service.js';
import { startApp, type ConfigOverrides, type TestApp } from '../support/app.js';
import { startModelServer, type ModelServer } from '../support/model-server.js';

export interface ExecuteAnswer {
  workflow_id: string;
  success: boolean | null;
  content: string;
  metadata: {
    strategy: string;
    agents: { total: number; completed: number; failed: number; active: number };
    tokens: { input: number; output: number; total: number };
    warnings: string[];
    error?: string;
    error_code?: string;
    provider: string;
    [key: string]: unknown;
  };
  cost_usd: number;
  execution_time_ms: number;
}

export interface TreeNode {
  id: string;
  goal: string;
  status: string;
  metadata: Record<string, unknown>;
  agents: { id: string; status: string; agent_class: string; state: { result?: Record<string, unknown> } }[];
  llm_interactions: { id: string; purpose: string; status: string; prompt_text: string; cost_usd: number | null }[];
  tool_executions: { id: string; tool_name: string; agent_id: string | null; success: boolean | null }[];
  children: TreeNode[];
}

/** NYX in this process, its model a real HTTP server of ours. */
export class OrchestratorFixture {
  private constructor(
    readonly nyx: TestApp,
    readonly model: ModelServer,
  ) {}

  static async start(overrides: ConfigOverrides = {}): Promise<OrchestratorFixture> {
    const model = await startModelServer();
    const nyx = await startApp({
      ...overrides,
      llm: { apiKey: 'a-key-of-the-test', baseUrl: model.url, ...overrides.llm },
    });
    return new OrchestratorFixture(nyx, model);
  }

  get database(): Database {
    return this.nyx.app.get(Database);
  }

  send(body: unknown, headers?: Record<string, string>): Promise<Response> {
    return this.nyx.request('operator', 'POST', '/api/v1/orchestrator/workflows/execute', body, headers);
  }

  /** A workflow that nobody asked for. @returns its id */
  async acceptAutonomous(prompt: string, context: Record<string, unknown> = {}): Promise<string> {
    const [acceptance, id] = [this.nyx.app.get(WorkflowAcceptance), newId()];
    const checked = this.nyx.app
      .get(RequestCheck)
      .check({ input_type: 'user_prompt', content: { prompt }, execution_context: context });
    const origination = { principalId: 'motivation', origin: 'motivation', isReadOnly: true } as const;
    await this.database.transaction((tx) => acceptance.write(tx, id, checked, origination));
    acceptance.begun(id);
    return id;
  }

  async execute(prompt: string, context: Record<string, unknown> = {}): Promise<ExecuteAnswer> {
    const answer = await this.send({ input_type: 'user_prompt', content: { prompt }, execution_context: context });
    if (answer.status !== 200) throw new Error(`execute answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as ExecuteAnswer;
  }

  async accept(prompt: string, context: Record<string, unknown> = {}): Promise<string> {
    const body = { input_type: 'user_prompt', content: { prompt }, execution_context: context };
    const answer = await this.send(body, { prefer: 'respond-async' });
    return ((await answer.json()) as { workflow_id: string }).workflow_id;
  }

  async get<T>(path: string): Promise<T> {
    const answer = await this.nyx.request('viewer', 'GET', `/api/v1/orchestrator${path}`);
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  async tree(workflowId: string): Promise<TreeNode> {
    return (await this.get<{ tree: TreeNode }>(`/workflows/${workflowId}/tree`)).tree;
  }

  async ended(
    workflowId: string,
  ): Promise<{ status: string; success: boolean; result: ExecuteAnswer; cost_usd: number }> {
    for (;;) {
      const detail = await this.get<{ status: string; success: boolean; result: ExecuteAnswer; cost_usd: number }>(
        `/workflows/${workflowId}`,
      );
      if (['completed', 'failed', 'cancelled'].includes(detail.status)) return detail;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async eventTypes(workflowId: string): Promise<string[]> {
    const rows = await this.database.query<{ seq: string; type: string }>(
      'SELECT seq, type FROM workflow_events WHERE workflow_id = $1 ORDER BY seq',
      [workflowId],
    );
    expect(rows.map(({ seq }) => Number(seq))).toEqual(rows.map((_, index) => index + 1));
    return rows.map(({ type }) => type);
  }

  async close(): Promise<void> {
    await this.nyx.close();
    await this.model.close();
  }
}

export const strategy = (name: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  execution_preferences: { strategy: name },
  ...more,
});

/** Subtasks that start at once wait until the first has written their common beginning into the cache; here none does. */
export const uncached = (name: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  execution_preferences: { strategy: name, caching_strategy: 'disabled' },
  ...more,
});

import { Database } from '../../src/database/database.service.js';
import { newId } from '../../src/database/ids.js';
import { ToolRegistry } from '../../src/tools/tool-registry.js';
import { ToolRunner } from '../../src/tools/tool-runner.js';
import type { ToolAllowance, ToolCaller } from '../../src/tools/tool-caller.js';
import type { ToolExecution, ToolRequest } from '../../src/tools/tool-run.js';
import type { ProblemDocument } from '../../src/http/problem-document.js';
import { type ConfigOverrides, startApp, type TestApp } from '../support/app.js';
import { TestTool } from './test-tools.js';

export interface ExecuteAnswer {
  readonly success: boolean;
  readonly output: unknown;
  readonly error_message: string | null;
  readonly execution_time_ms: number;
  readonly metadata: Record<string, unknown>;
  readonly stdout: string | null;
  readonly stderr: string | null;
  readonly execution_id: string;
}

export interface ExecutionRow {
  readonly id: string;
  readonly status: string;
  readonly rule: string | null;
  readonly success: boolean | null;
  readonly retry_count: number;
  readonly is_reported: boolean;
  readonly error_message: string | null;
  readonly metadata: Record<string, unknown>;
  readonly principal_id: string;
  readonly workflow_id: string | null;
  readonly arguments_hash: string | null;
  readonly duration_ms: number | null;
  readonly completed_at: Date | null;
}

type Agent = Extract<ToolCaller, { kind: 'agent' }>;

const EXECUTE = '/api/v1/tools/execute';

/** The real application with tools of the test. */
export class ToolsRoom {
  private constructor(
    readonly nyx: TestApp,
    readonly database: Database,
  ) {}

  static async start(overrides: ConfigOverrides = {}): Promise<ToolsRoom> {
    const nyx = await startApp(overrides);
    return new ToolsRoom(nyx, nyx.app.get(Database));
  }

  add(...args: ConstructorParameters<typeof TestTool>): TestTool {
    const tool = new TestTool(...args);
    this.nyx.app.get(ToolRegistry).register(tool);
    return tool;
  }

  async execute(
    toolName: string,
    parameters: unknown = {},
    headers: Record<string, string> = {},
  ): Promise<{ status: number; headers: Headers; body: ExecuteAnswer & ProblemDocument }> {
    const response = await this.nyx.request('operator', 'POST', EXECUTE, { tool_name: toolName, parameters }, headers);
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as ExecuteAnswer & ProblemDocument,
    };
  }

  /** An agent of a new workflow. */
  async agent(allowance: Partial<ToolAllowance> = {}): Promise<Agent> {
    const [workflowId, agentId] = [newId(), newId()];
    await this.database.query(
      `INSERT INTO workflows (id, principal_id, input_type, content, goal, max_cost_usd)
       VALUES ($1, 'somebody', 'user_prompt', '{}', 'test', 5)`,
      [workflowId],
    );
    await this.database.query(`INSERT INTO thought_trees (id, root_id, goal) VALUES ($1, $1, 'g')`, [workflowId]);
    await this.database.query(
      `INSERT INTO agents (id, thought_tree_id, agent_type, agent_class) VALUES ($1, $2, 'task', 'TaskAgent')`,
      [agentId, workflowId],
    );
    const ids = { principalId: 'somebody', workflowId, agentId, thoughtId: workflowId };
    return { kind: 'agent', ...ids, allowance: { tools: undefined, isReadOnly: false, ...allowance } };
  }

  run(caller: ToolCaller, toolName: string, more: Partial<ToolRequest> = {}): Promise<ToolExecution> {
    const signal = new AbortController().signal;
    return this.nyx.app.get(ToolRunner).run({ toolName, parameters: {}, caller, signal, ...more });
  }

  async rows(toolName: string): Promise<ExecutionRow[]> {
    return this.database.query<ExecutionRow>(
      `SELECT id, status, rule, success, retry_count, is_reported, error_message, metadata, principal_id, workflow_id, arguments_hash,
         duration_ms, completed_at FROM tool_executions WHERE tool_name = $1 ORDER BY started_at`,
      [toolName],
    );
  }

  close(): Promise<void> {
    return this.nyx.close();
  }
}

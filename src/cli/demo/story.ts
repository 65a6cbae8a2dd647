import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowDetail } from '../../orchestrator/workflows/dto/workflow-answers.dto.js';
import { firstLines } from './answer.rules.js';
import { DemoError } from './demo-error.js';
import type { NyxChild } from './nyx-child.js';
import { NyxClient } from './nyx-client.js';
import { hasMoved, progressLine, type Progress } from './progress.rules.js';
import type { Screen } from './screen.js';
import { inSeconds, inUsd, wrapped } from './terminal.rules.js';
import { treeLines } from './tree.rules.js';

const POLL_MS = 50;
const ANSWER_LINES = 12;
/** What the demo may spend where a model costs money. */
const MAX_COST_USD = 0.5;
const TASK = `Choose a database for a small web shop:
- Say what a web shop needs of its database.
- Compare PostgreSQL with MySQL.
- Compare PostgreSQL with SQLite.
- Finally recommend one and name the first three steps.`;

/** What the demo shows, in order: NYX starts, a workflow runs, its tree, its answer. */
export class Story {
  constructor(
    private readonly nyx: NyxChild,
    private readonly screen: Screen,
    private readonly signal: AbortSignal,
  ) {}

  /** @throws DemoError when NYX does not start, or the workflow does not succeed */
  async tell(task = TASK): Promise<void> {
    const { screen } = this;
    const client = await this.signIn();
    screen.line();
    screen.line(screen.style.bold('Task'));
    screen.lines(wrapped(task, '  '));
    screen.line();
    screen.line(screen.style.bold('POST /api/v1/orchestrator/workflows/execute  (Prefer: respond-async)'));
    const workflowId = await client.accept(requestOf(task));
    screen.line(`  202 Accepted, workflow ${workflowId}`);
    await this.watch(client, workflowId).catch(async (error: unknown) => {
      if (this.signal.aborted) await client.cancel(workflowId).catch(() => undefined);
      throw error;
    });
    const workflow = await client.workflow(workflowId);
    screen.line();
    await this.showTree(client, workflowId);
    screen.line();
    this.showEnd(workflow);
  }

  private async signIn(): Promise<NyxClient> {
    const { nyx, screen, signal } = this;
    const startedAt = performance.now();
    screen.line(screen.style.bold('NYX demo: one workflow, planned, carried out by agents in parallel'));
    const url = await nyx.ready(signal);
    screen.paragraph(
      `NYX started in ${inSeconds(performance.now() - startedAt)} on ${url}, its database in a temporary folder.`,
    );
    screen.paragraph(
      nyx.hasModel
        ? `Model: the one of ANTHROPIC_API_KEY. The workflow may spend ${inUsd(MAX_COST_USD)}.`
        : 'Model: the offline provider. It answers by fixed rules and costs nothing; with ANTHROPIC_API_KEY set, a real model answers.',
    );
    return NyxClient.signIn(url, nyx.username, nyx.password, signal);
  }

  private async watch(client: NyxClient, workflowId: string): Promise<void> {
    let before: Progress | undefined;
    for (;;) {
      const now = await client.status(workflowId);
      const line = progressLine(now, this.screen.width);
      if (this.screen.isTerminal) this.screen.rewrite(line);
      else if (hasMoved(before, now)) this.screen.line(line);
      if (['completed', 'failed', 'cancelled'].includes(now.status)) return;
      before = now;
      await sleep(POLL_MS, undefined, { signal: this.signal });
    }
  }

  private async showTree(client: NyxClient, workflowId: string): Promise<void> {
    const { tree } = await client.tree(workflowId);
    const [heading = '', ...lines] = tree === undefined ? [] : treeLines(tree);
    const total = lines.pop() ?? '';
    this.screen.line(this.screen.style.bold(heading));
    this.screen.lines(lines);
    this.screen.line(this.screen.style.bold(total));
  }

  private showEnd({ status, success, strategy, cost_usd, result }: WorkflowDetail): void {
    const { screen } = this;
    const { content, execution_time_ms, metadata } = (result ?? {}) as Partial<Result>;
    if (content !== undefined && content !== '') {
      screen.line(screen.style.bold('Answer'));
      screen.lines(firstLines(content, ANSWER_LINES));
      screen.line();
    }
    if (success !== true) {
      throw new DemoError(`The workflow ${status} without success: ${metadata?.error ?? 'it gives no reason'}`);
    }
    screen.paragraph(
      `The workflow ${status} in ${inSeconds(execution_time_ms ?? 0)} by ${String(strategy)} and cost ${inUsd(cost_usd)}.`,
    );
    for (const warning of metadata?.warnings ?? []) screen.paragraph(`Note: ${warning}`);
  }
}

interface Result {
  readonly content: string;
  readonly execution_time_ms: number;
  readonly metadata: { readonly error?: string; readonly warnings?: readonly string[] };
}

const requestOf = (task: string): object => ({
  input_type: 'user_prompt',
  content: { prompt: task },
  execution_context: {
    resource_limits: { max_cost_usd: MAX_COST_USD },
    execution_preferences: { strategy: 'parallel_execution' },
  },
});

import { type components, NyxClient, NyxProblem } from '../../../clients/typescript/src/index.js';
import { firstLines } from './answer.rules.js';
import { DemoError } from './demo-error.js';
import type { NyxChild } from './nyx-child.js';
import { ProgressDisplay } from './progress-display.js';
import type { Screen } from './screen.js';
import { inSeconds, inUsd } from './terminal.rules.js';
import { treeLines } from './tree.rules.js';

type WorkflowDetail = components['schemas']['WorkflowDetail'];
type ExecuteWorkflow = components['schemas']['ExecuteWorkflow'];

const WORKFLOWS = '/api/v1/orchestrator/workflows';
/** Events after which a line of progress may read otherwise. */
const TELLING = /^(workflow|agent|llm)\./;
const CANCEL_TIMEOUT_MS = 3_000;
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
    private readonly nyx: Pick<NyxChild, 'ready' | 'ended' | 'username' | 'password' | 'hasModel'>,
    private readonly screen: Screen,
    private readonly signal: AbortSignal,
  ) {}

  /** @throws DemoError when NYX does not start, or ends, or the workflow does not succeed; NyxProblem when NYX refuses something */
  async tell(task = TASK): Promise<void> {
    const { screen, signal } = this;
    const client = await this.signIn();
    screen.line();
    screen.heading('Task');
    screen.paragraph(task, '  ');
    screen.line();
    screen.heading('POST /api/v1/orchestrator/workflows/execute  (Prefer: respond-async)');
    const { workflow_id: id } = await client.post(`${WORKFLOWS}/execute`, {
      params: { header: { Prefer: 'respond-async' } },
      body: requestOf(task),
      signal,
    });
    screen.paragraph(`202 Accepted, workflow ${id}`, '  ');
    await this.watch(client, id).catch(async (error: unknown) => {
      if (signal.aborted) await cancel(client, id).catch(() => undefined);
      throw error;
    });
    const workflow = await client.get(`${WORKFLOWS}/{id}`, { params: { path: { id } }, signal });
    screen.line();
    await this.showTree(client, id);
    screen.line();
    this.showEnd(workflow);
  }

  private async signIn(): Promise<NyxClient> {
    const { nyx, screen, signal } = this;
    const startedAt = performance.now();
    screen.heading('NYX demo: one workflow, planned, carried out by agents in parallel');
    const url = await nyx.ready(signal);
    screen.paragraph(
      `NYX started in ${inSeconds(performance.now() - startedAt)} on ${url}, its database in a temporary folder.`,
    );
    screen.paragraph(
      nyx.hasModel
        ? `Model: the one of ANTHROPIC_API_KEY. The workflow may spend ${inUsd(MAX_COST_USD)}.`
        : 'Model: the offline provider. It answers by fixed rules and costs nothing; with ANTHROPIC_API_KEY set, a real model answers.',
    );
    const client = new NyxClient({ url });
    await client.signIn(nyx.username, nyx.password);
    return client;
  }

  /** An event says that something happened, the status how far it all is: also for events that were before the first look. */
  private async watch(client: NyxClient, id: string): Promise<void> {
    const signal = AbortSignal.any([this.signal, this.nyx.ended]);
    const display = new ProgressDisplay(this.screen);
    const look = async (): Promise<void> =>
      display.show(await client.get(`${WORKFLOWS}/{id}/status`, { params: { path: { id } }, signal }));
    try {
      await look();
      for await (const { type } of client.follow(id, { signal })) {
        if (!TELLING.test(type)) continue;
        await look().catch((error: unknown) => {
          // Else its connection broke: following goes on over that, and what happens next is looked at again.
          if (error instanceof NyxProblem || signal.aborted) throw error;
        });
      }
      await look();
    } finally {
      display.end();
    }
  }

  private async showTree(client: NyxClient, id: string): Promise<void> {
    const { tree } = await client.get(`${WORKFLOWS}/{id}/tree`, { params: { path: { id } }, signal: this.signal });
    const [heading = '', ...lines] = tree === undefined ? [] : treeLines(tree, this.screen.width);
    const total = lines.pop() ?? '';
    this.screen.line(this.screen.style.bold(heading));
    this.screen.lines(lines);
    this.screen.line(this.screen.style.bold(total));
  }

  private showEnd({ status, success, strategy, cost_usd, result }: WorkflowDetail): void {
    const { screen } = this;
    const { content, execution_time_ms, metadata } = (result ?? {}) as Partial<Result>;
    if (content !== undefined && content !== '') {
      screen.heading('Answer');
      screen.lines(firstLines(content, ANSWER_LINES, screen.width));
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

/** Also when the signal has come: a model call in flight is aborted, so that NYX need not wait for it. */
async function cancel(client: NyxClient, id: string): Promise<void> {
  const signal = AbortSignal.timeout(CANCEL_TIMEOUT_MS);
  await client.post(`${WORKFLOWS}/{id}/cancel`, { params: { path: { id } }, signal });
}

const requestOf = (task: string): ExecuteWorkflow => ({
  input_type: 'user_prompt',
  content: { prompt: task },
  execution_context: {
    resource_limits: { max_cost_usd: MAX_COST_USD },
    execution_preferences: { strategy: 'parallel_execution' },
  },
});

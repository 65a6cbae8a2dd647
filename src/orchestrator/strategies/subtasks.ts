import { Injectable } from '@nestjs/common';
import { derivedId } from '../../database/ids.js';
import { Durable } from '../../durable/durable.service.js';
import type { PlannedThought } from '../planning/planner.js';
import { Prompts, type PromptPair } from '../planning/prompts.js';
import type { AlikeCalls } from '../planning/reuse.rules.js';
import type { Unmet } from '../run/agent-caller.js';
import { AgentLoop } from '../run/agent-loop.js';
import { RunReader } from '../run/run-reader.js';
import { TreeWriter } from '../run/tree-writer.js';
import type { AgentOutcome, WorkflowRun } from '../run/workflow-run.js';

/** The one way every strategy runs a subtask of its plan. */
@Injectable()
export class Subtasks {
  constructor(
    private readonly durable: Durable,
    private readonly agents: AgentLoop,
    private readonly tree: TreeWriter,
    private readonly reader: RunReader,
    private readonly prompts: Prompts,
  ) {}

  /**
   * Runs a subtask whose dependencies have ended; skips it when one of them has no result. `run` may be of another process.
   * `alike` are all subtasks of the plan: their agents have one system prompt and one brief.
   */
  async run(
    run: WorkflowRun,
    { thoughtId, kind }: PlannedThought,
    alike: AlikeCalls | undefined,
  ): Promise<AgentOutcome> {
    const task = { agentId: derivedId(thoughtId, 'agent'), thoughtId, agentClass: kind, purpose: 'subtask' };
    const prompt = (): Promise<PromptPair | Unmet> => this.prompt(run, thoughtId);
    const answered = await this.agents.runToEnd(run, { ...task, prompt, alike });
    if (!('unmet' in answered)) return answered;
    const reason = `no result of: ${answered.unmet.join(', ')}`;
    await this.durable.commit('subtask:skipped', (tx) => this.tree.skipThought(tx, run, thoughtId, reason));
    return { ok: false, code: 'DEPENDENCY_FAILED', message: reason };
  }

  private async prompt(run: WorkflowRun, thoughtId: string): Promise<PromptPair | Unmet> {
    const { subtask, earlier, unmet } = await this.reader.subtask(thoughtId);
    if (unmet.length > 0) return { unmet };
    return this.prompts.subtask(await this.reader.brief(run.workflowId, run.thoughtId), subtask, earlier);
  }
}

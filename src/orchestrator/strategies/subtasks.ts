import { Injectable } from '@nestjs/common';
import { RecoveryCouncil } from '../adaptation/recovery-council.js';
import { derivedId } from '../../database/ids.js';
import { Durable } from '../../durable/durable.service.js';
import type { PlannedThought } from '../planning/planner.js';
import { Prompts, type PromptPair } from '../planning/prompts.js';
import { ResultRoom } from '../planning/result-room.js';
import type { AlikeCalls } from '../planning/reuse.rules.js';
import type { Unmet } from '../run/agent-call.js';
import { AgentLoop } from '../run/agent-loop.js';
import { RunReader, type SettledSubtask } from '../run/run-reader.js';
import { skippedStep, subtaskStep } from '../run/step-names.js';
import { TreeWriter } from '../run/tree-writer.js';
import type { Failure } from '../run/unfinished.rules.js';
import type { AgentOutcome, WorkflowRun } from '../run/workflow-run.js';
import { skipped } from './skipping.rules.js';

type SkippedOutcome = Failure & { readonly ok: false; readonly isSkipped: true };

/** The one way every strategy runs a subtask of its plan. */
@Injectable()
export class Subtasks {
  constructor(
    private readonly durable: Durable,
    private readonly agents: AgentLoop,
    private readonly tree: TreeWriter,
    private readonly reader: RunReader,
    private readonly prompts: Prompts,
    private readonly room: ResultRoom,
    private readonly recovery: RecoveryCouncil,
  ) {}

  /**
   * Runs a subtask whose dependencies have ended; skips it when one of them has no result, and when the workflow ends early; leaves it
   * as it is when it has ended before a retry. One that fails goes before a council where others need it, which may have it tried again. `run` may be of another process.
   * `alike` are all subtasks of the plan: their agents have one system prompt and one brief.
   */
  async run(run: WorkflowRun, thought: PlannedThought, alike: AlikeCalls | undefined): Promise<AgentOutcome> {
    const outcome = await this.attempt(run, thought, alike, 1, undefined);
    return outcome.ok || 'isSkipped' in outcome ? outcome : this.recover(run, thought, alike, outcome);
  }

  /** What becomes of a subtask whose first attempt failed, by whomever; the next ones are an agent's. */
  async recover(
    run: WorkflowRun,
    thought: PlannedThought,
    alike: AlikeCalls | undefined,
    failure: Failure,
  ): Promise<AgentOutcome> {
    let before = failure;
    for (let attempt = 1; ; attempt += 1) {
      const isAgain = await this.recovery.recover(run, thought.thoughtId, before, attempt);
      if (!isAgain) return { ok: false, ...before };
      const outcome = await this.attempt(run, thought, alike, attempt + 1, before);
      if (outcome.ok || 'isSkipped' in outcome) return outcome;
      before = { code: outcome.code, message: outcome.message };
    }
  }

  private async attempt(
    run: WorkflowRun,
    { thoughtId, kind }: PlannedThought,
    alike: AlikeCalls | undefined,
    attempt: number,
    before: Failure | undefined,
  ): Promise<AgentOutcome | SkippedOutcome> {
    const agentId = derivedId(thoughtId, 'agent', ...(attempt === 1 ? [] : [String(attempt)]));
    const purpose = subtaskStep(attempt);
    const task = { agentId, thoughtId, agentClass: kind, purpose, leavesThought: true };
    const prompt = (): Promise<PromptPair | Unmet> => this.prompt(run, thoughtId, before);
    const answered = await this.agents.runToEnd(run, { ...task, prompt, alike });
    if (!('unmet' in answered)) return answered;
    if (answered.settled !== undefined) return settledOutcome(answered.settled);
    const failure = skipped(answered.unmet, answered.endsEarly);
    await this.durable.commit(skippedStep(purpose), (tx) => this.tree.skipThought(tx, run, thoughtId, failure));
    return { ok: false, isSkipped: true, ...failure };
  }

  private async prompt(run: WorkflowRun, thoughtId: string, before: Failure | undefined): Promise<PromptPair | Unmet> {
    const [{ subtask, earlier, unmet, endsEarly, settled }, brief] = await Promise.all([
      this.reader.subtask(thoughtId),
      this.reader.briefAt(run),
    ]);
    if (settled !== undefined) return { unmet: [], settled };
    if (unmet.length > 0 || endsEarly !== undefined) return { unmet, endsEarly };
    const { results } = this.room.shown(earlier, run.settings);
    const prompt = this.prompts.subtask(brief, subtask, results);
    return before === undefined ? prompt : this.recovery.withFailure(prompt, before);
  }
}

/** Of a subtask that a retry comes by and that needs no more work. */
const settledOutcome = ({ interactionId }: SettledSubtask): AgentOutcome | SkippedOutcome =>
  interactionId === null
    ? { ok: false, isSkipped: true, code: 'DISPENSABLE', message: 'It was decided to do without it.' }
    : { ok: true, interactionId };

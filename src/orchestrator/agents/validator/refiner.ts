import { Injectable } from '@nestjs/common';
import { Prompts } from '../../planning/prompts.js';
import { AgentLoop } from '../../run/agent-loop.js';
import { RunReader } from '../../run/run-reader.js';
import type { AgentOutcome, AgentTask, WorkflowRun } from '../../run/workflow-run.js';
import { ValidatorPrompts } from './validator-prompts.js';

export interface Refinement extends Pick<AgentTask, 'agentId' | 'thoughtId' | 'purpose'> {
  /** Reads the answer so far; runs inside the step. */
  readonly draft: () => Promise<string>;
  /** What was found in it. */
  readonly findings: readonly string[];
}

/** A task agent that does the whole task again, better in the points that a verdict named. */
@Injectable()
export class Refiner {
  constructor(
    private readonly agents: AgentLoop,
    private readonly reader: RunReader,
    private readonly prompts: Prompts,
    private readonly validatorPrompts: ValidatorPrompts,
  ) {}

  async refine(run: WorkflowRun, { draft, findings, ...task }: Refinement): Promise<AgentOutcome> {
    const outcome = await this.agents.runToEnd(run, {
      ...task,
      agentClass: 'structured_execution',
      prompt: async () => {
        const own = this.prompts.direct(await this.reader.brief(run.workflowId));
        return this.validatorPrompts.refinement(own, await draft(), findings);
      },
    });
    if ('unmet' in outcome) throw new Error('A refinement depends on nothing.');
    return outcome;
  }
}

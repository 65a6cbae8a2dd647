import { Injectable } from '@nestjs/common';
import { derivedId } from '../../database/ids.js';
import { Prompts, type PromptPair } from '../planning/prompts.js';
import { AgentCaller, outcomeOf } from '../run/agent-caller.js';
import { Problem } from '../../http/problem.js';
import { RunReader } from '../run/run-reader.js';
import type { AgentTask, StrategyOutcome, WorkflowRun } from '../run/workflow-run.js';
import { Strategy } from './strategy.js';

/** The one agent of a direct workflow, which is spawned with its start. */
export const directAgent = (workflowId: string): AgentTask => ({
  agentId: derivedId(workflowId, 'direct'),
  thoughtId: workflowId,
  agentClass: 'structured_execution',
  purpose: 'direct',
});

@Injectable()
export class DirectStrategy extends Strategy {
  readonly name = 'direct_execution';
  readonly description = 'One task agent does the whole task.';

  constructor(
    private readonly caller: AgentCaller,
    private readonly reader: RunReader,
    private readonly prompts: Prompts,
  ) {
    super();
  }

  async execute(run: WorkflowRun): Promise<StrategyOutcome> {
    const agent = directAgent(run.workflowId);
    const prompt = async (): Promise<PromptPair> => this.prompts.direct(await this.reader.brief(run.workflowId));
    const answered = await this.caller.runToEnd(run, { ...agent, prompt }, outcomeOf);
    if ('unmet' in answered) throw new Error('A direct workflow depends on nothing.');
    const outcome = answered instanceof Problem ? await this.caller.fail(run, agent, answered) : answered;
    return outcome.ok
      ? { contentFrom: outcome.interactionId, failure: undefined, warnings: [] }
      : { contentFrom: outcome.interactionId, failure: outcome, warnings: [] };
  }
}

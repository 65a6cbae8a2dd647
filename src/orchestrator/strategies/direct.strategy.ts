import { Injectable } from '@nestjs/common';
import { derivedId } from '../../database/ids.js';
import { directPrompt } from '../planning/prompts.js';
import { AgentCaller } from '../run/agent-caller.js';
import { RunReader } from '../run/run-reader.js';
import type { AgentTask, StrategyOutcome, WorkflowRun } from '../run/workflow-run.js';
import { Strategy } from './strategy.js';

/** The one agent of a direct workflow, which is spawned with its start. */
export const directAgent = (workflowId: string): AgentTask => ({
  agentId: derivedId(workflowId, 'direct'),
  thoughtId: workflowId,
  purpose: 'direct',
});

@Injectable()
export class DirectStrategy extends Strategy {
  readonly name = 'direct_execution';
  readonly description = 'One task agent does the whole task.';

  constructor(
    private readonly caller: AgentCaller,
    private readonly reader: RunReader,
  ) {
    super();
  }

  async execute(run: WorkflowRun): Promise<StrategyOutcome> {
    const outcome = await this.caller.runToEnd(run, {
      ...directAgent(run.workflowId),
      prompt: async () => directPrompt(await this.reader.brief(run.workflowId), 'structured_execution'),
    });
    return outcome.ok
      ? { contentFrom: outcome.interactionId, failure: undefined, warnings: [] }
      : { contentFrom: undefined, failure: outcome, warnings: [] };
  }
}

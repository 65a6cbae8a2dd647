import { Injectable } from '@nestjs/common';
import { derivedId } from '../../database/ids.js';
import { Prompts, type PromptPair } from '../planning/prompts.js';
import { AgentLoop } from '../run/agent-loop.js';
import { progressAt } from '../run/progress.rules.js';
import { RunReader } from '../run/run-reader.js';
import { withNothingDone, withWorkBegun } from '../run/unfinished.rules.js';
import type { AgentSuccess, AgentTask, StrategyOutcome, WorkflowRun } from '../run/workflow-run.js';
import { Strategy } from './strategy.js';

/** The one agent of a direct workflow, which is spawned with its start. */
export const directAgent = (thoughtId: string): AgentTask => ({
  agentId: derivedId(thoughtId, 'direct'),
  thoughtId,
  agentClass: 'structured_execution',
  purpose: 'direct',
});

@Injectable()
export class DirectStrategy extends Strategy {
  readonly name = 'direct_execution';
  readonly description = 'One task agent does the whole task.';

  constructor(
    private readonly agents: AgentLoop,
    private readonly reader: RunReader,
    private readonly prompts: Prompts,
  ) {
    super();
  }

  async execute(run: WorkflowRun): Promise<StrategyOutcome> {
    const agent = {
      ...directAgent(run.thoughtId),
      ...(run.depth === 0 && { progressAfter: progressAt('finalizing') }),
    };
    const prompt = async (): Promise<PromptPair> => this.prompts.direct(await this.reader.briefAt(run));
    const outcome = await this.agents.runToEnd(run, { ...agent, prompt });
    if ('unmet' in outcome) throw new Error('A direct workflow depends on nothing.');
    const contentFrom = outcome.interactionId;
    if (outcome.ok) return { contentFrom, failure: undefined, warnings: limitWarnings(outcome) };
    const failure = contentFrom === undefined ? withNothingDone(outcome) : withWorkBegun(outcome);
    return { contentFrom, failure, warnings: [] };
  }
}

const limitWarnings = ({ limit }: AgentSuccess): string[] =>
  limit === undefined ? [] : [`The agent had to answer before it was done with its tools, because ${limit}.`];

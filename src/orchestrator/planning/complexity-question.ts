import { Injectable } from '@nestjs/common';
import { derivedId } from '../../database/ids.js';
import { RunReader } from '../run/run-reader.js';
import { COMPLEXITY } from '../run/step-names.js';
import { StructuredAgent, type StructuredSuccess } from '../run/structured-agent.js';
import type { AgentFailure, WorkflowRun } from '../run/workflow-run.js';
import { ComplexityPrompts } from './complexity-prompts.js';
import { COMPLEXITY_FORM, keptOf, type ComplexityAnswer } from './complexity-question.rules.js';

/** The one question about a workflow whose complexity the rules can't tell: an agent of its own, under the root thought. */
@Injectable()
export class ComplexityQuestion {
  constructor(
    private readonly agents: StructuredAgent,
    private readonly reader: RunReader,
    private readonly prompts: ComplexityPrompts,
  ) {}

  ask(run: WorkflowRun): Promise<StructuredSuccess<ComplexityAnswer> | AgentFailure> {
    return this.agents.runToEnd<ComplexityAnswer, ComplexityAnswer>(run, {
      agentId: derivedId(run.thoughtId, 'complexity'),
      thoughtId: run.thoughtId,
      agentClass: 'decomposition_analysis',
      purpose: COMPLEXITY,
      form: COMPLEXITY_FORM,
      // A mistake is not told: the form is all that can be wrong.
      prompt: async () => this.prompts.question(await this.reader.brief(run.workflowId)),
      keep: keptOf,
    });
  }
}

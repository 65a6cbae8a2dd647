import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.service.js';
import { derivedId } from '../../database/ids.js';
import { Refiner } from '../agents/validator/refiner.js';
import { ValidatorPrompts } from '../agents/validator/validator-prompts.js';
import {
  complaints,
  VERDICT_FORM,
  verdictOf,
  type Verdict,
  type VerdictAnswer,
} from '../agents/validator/verdict.rules.js';
import { Prompts } from '../planning/prompts.js';
import { RunReader } from '../run/run-reader.js';
import { StructuredAgent } from '../run/structured-agent.js';
import type { StrategyOutcome, WorkflowRun } from '../run/workflow-run.js';
import { QualityReader } from './quality-reader.js';

/** An agent's check of its own answer before it is accepted: one structured verdict, and one repair where that does not pass. */
@Injectable()
export class SelfValidation {
  constructor(
    private readonly database: Database,
    private readonly agents: StructuredAgent,
    private readonly refiner: Refiner,
    private readonly reader: RunReader,
    private readonly results: QualityReader,
    private readonly prompts: Prompts,
    private readonly validatorPrompts: ValidatorPrompts,
  ) {}

  async accept(run: WorkflowRun, outcome: StrategyOutcome): Promise<StrategyOutcome> {
    const { thoughtId } = run;
    const output = (): Promise<string> => this.results.result(this.database, run, outcome.contentFrom);
    const checked = await this.agents.runToEnd<VerdictAnswer, Verdict>(run, {
      agentId: derivedId(thoughtId, 'self-check'),
      thoughtId,
      agentClass: 'structured_execution',
      purpose: 'self-check',
      form: VERDICT_FORM,
      prompt: async (mistakes) => {
        const own = this.prompts.direct(await this.reader.brief(run.workflowId));
        return this.validatorPrompts.ownVerdict(own, await output(), mistakes);
      },
      keep: (answer) => verdictOf(answer, [], []),
    });
    if (!checked.ok) return warned(outcome, `The answer was not checked by its own agent: ${checked.message}`);
    if (checked.kept.passed) return outcome;
    const task = { agentId: derivedId(thoughtId, 'self-repair'), thoughtId, purpose: 'self-repair' };
    const repaired = await this.refiner.refine(run, { ...task, draft: output, findings: complaints(checked.kept) });
    return repaired.ok
      ? { ...outcome, contentFrom: repaired.interactionId }
      : warned(outcome, `The answer did not pass its own agent's check and was not repaired: ${repaired.message}`);
  }
}

const warned = (outcome: StrategyOutcome, warning: string): StrategyOutcome => ({
  ...outcome,
  warnings: [...outcome.warnings, warning],
});

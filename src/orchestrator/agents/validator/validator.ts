import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../../database/sql.js';
import type { ValidationLevel } from '../../planning/execution-settings.rules.js';
import { RunReader } from '../../run/run-reader.js';
import { StructuredAgent } from '../../run/structured-agent.js';
import type { AgentFailure, AgentTask, WorkflowRun } from '../../run/workflow-run.js';
import type { Finding } from './finding.js';
import { ValidatorPrompts } from './validator-prompts.js';
import { VERDICT_FORM, verdictMistakes, verdictOf, type Verdict, type VerdictAnswer } from './verdict.rules.js';

export interface VerdictQuestion extends Pick<AgentTask, 'agentId' | 'purpose'> {
  /** Reads what is judged; runs inside the step. */
  readonly output: () => Promise<string>;
  readonly level: ValidationLevel;
  readonly criteria: readonly string[];
  /** What the rules found, which the verdict tells too. */
  readonly found: readonly Finding[];
  /** Rows that tell of the verdict, written with it. */
  readonly write?: (tx: Transaction, verdict: Verdict) => void | Promise<void>;
}

/** The agent that judges a result: one structured verdict. It belongs to the thought of the run, whatever it judges. */
@Injectable()
export class Validator {
  constructor(
    private readonly agents: StructuredAgent,
    private readonly reader: RunReader,
    private readonly prompts: ValidatorPrompts,
  ) {}

  async judge(run: WorkflowRun, question: VerdictQuestion): Promise<Verdict | AgentFailure> {
    const { agentId, purpose, level, criteria, found, write } = question;
    const outcome = await this.agents.runToEnd<VerdictAnswer, Verdict>(run, {
      agentId,
      thoughtId: run.thoughtId,
      agentType: 'validator',
      agentClass: 'content_analysis',
      purpose,
      form: VERDICT_FORM,
      prompt: async (mistakes) =>
        this.prompts.verdict(
          await this.reader.brief(run.workflowId),
          { output: await question.output(), level, criteria },
          mistakes,
        ),
      mistakes: (answer) => verdictMistakes(answer, criteria.length),
      keep: (answer) => verdictOf(answer, criteria, found),
      write,
    });
    return outcome.ok ? outcome.kept : outcome;
  }
}

import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../database/sql.js';
import { Durable } from '../../durable/durable.service.js';
import { EventFeed } from '../../events/event-feed.js';
import { Problem } from '../../http/problem.js';
import type { LlmAnswer } from '../../llm/llm-call.js';
import type { AnswerForm } from '../planning/answer-form.js';
import type { AgentPrompt } from '../planning/prompts.js';
import { triedWith, triesOf, type FailedTry } from './agent-attempts.rules.js';
import type { AgentCall, Unmet } from './agent-call.js';
import { AgentCaller } from './agent-caller.js';
import { earlierTurns } from './agent-limits.rules.js';
import { hasTimeToTryAgain, workMsOf } from './agent-time.rules.js';
import { AnswerForms } from './answer-forms.js';
import { unusableStep } from './step-names.js';
import { TreeWriter } from './tree-writer.js';
import type { AgentFailure, WorkflowRun } from './workflow-run.js';

export interface StructuredCall<T, Kept> extends Omit<AgentCall, 'prompt'> {
  readonly form: AnswerForm;
  /** The prompt; `mistakes` are those of the last answer, none at first. Runs inside the step, so it may read rows. */
  readonly prompt: (mistakes: readonly string[]) => Promise<AgentPrompt | Unmet>;
  /** The rules that the schema cannot say, as mistakes; none when the answer can be used. */
  readonly mistakes?: (answer: T) => readonly string[];
  /** What of the answer the run goes on with: JSON, kept in a checkpoint. */
  readonly keep: (answer: T) => Kept;
  /** More rows of what is kept, in the transaction that settles the call. */
  readonly write?: (tx: Transaction, kept: Kept) => void | Promise<void>;
}

export interface StructuredSuccess<Kept> {
  readonly ok: true;
  readonly kept: Kept;
  readonly interactionId: string;
}

type Draft<Kept> =
  | { readonly kept: Kept; readonly interactionId: string }
  | { readonly mistakes: readonly string[]; readonly tried: FailedTry };

/** An agent whose whole work is one structured answer. What does not fit its form is told to the model and asked for again. */
@Injectable()
export class StructuredAgent {
  constructor(
    private readonly caller: AgentCaller,
    private readonly forms: AnswerForms,
    private readonly durable: Durable,
    private readonly tree: TreeWriter,
    private readonly feed: EventFeed,
  ) {}

  /** The agent ends with it, and so does its subtask. */
  async runToEnd<T, Kept>(
    run: WorkflowRun,
    call: StructuredCall<T, Kept>,
  ): Promise<StructuredSuccess<Kept> | AgentFailure> {
    const outcome = await this.runUnlessUnmet(run, call);
    if ('unmet' in outcome) throw new Error('This agent depends on nothing.');
    return outcome;
  }

  /** The same for an agent whose prompt may need what is not there yet: then it has not begun. */
  async runUnlessUnmet<T, Kept>(
    run: WorkflowRun,
    call: StructuredCall<T, Kept>,
  ): Promise<StructuredSuccess<Kept> | AgentFailure | Unmet> {
    const failedTries: FailedTry[] = [];
    let mistakes: readonly string[] = [];
    for (let repair = 0; repair === 0 || mayTryAgain(call, failedTries); repair += 1) {
      const purpose = repair === 0 ? call.purpose : `${call.purpose}:repair-${repair}`;
      const draft = await this.draft(run, { ...call, purpose, failedTries }, mistakes);
      if (draft instanceof Problem) return this.caller.fail(run, call, draft, [], failedTries);
      if ('unmet' in draft) return draft;
      if ('kept' in draft) return { ok: true, ...draft };
      ({ mistakes } = draft);
      failedTries.push(draft.tried);
    }
    const message = `no usable ${call.form.name} in ${failedTries.length} attempts: ${mistakes.join('; ')}`;
    const failure = { code: call.form.unusableCode, message };
    await this.durable.commit(unusableStep(call.purpose), (tx) =>
      this.tree.failAgent(tx, run, call, { failure, failedTries }),
    );
    this.feed.announce(run.workflowId);
    return { ok: false, ...failure, interactionId: failedTries.at(-1)?.answer?.interactionId };
  }

  private async draft<T, Kept>(
    run: WorkflowRun,
    call: StructuredCall<T, Kept>,
    mistakes: readonly string[],
  ): Promise<Draft<Kept> | Unmet | Problem> {
    const { form, keep, write, failedTries } = call;
    return this.caller.ask<Draft<Kept>>(
      run,
      { ...call, prompt: () => call.prompt(mistakes) },
      {
        output: { name: form.name, schema: form.schema },
        takesFaults: true,
        commit: async (tx, answer) => {
          if (this.mistakesOf(call, answer).length > 0) {
            this.tree.recordAnswer(tx, run, call, answer);
            return;
          }
          await this.tree.completeAgent(tx, run, call, answer, earlierTurns([], failedTries));
          await write?.(tx, keep(answer.json as T));
        },
        result: (answer) => {
          const found = this.mistakesOf(call, answer);
          return found.length === 0
            ? { kept: keep(answer.json as T), interactionId: answer.interactionId }
            : { mistakes: found, tried: triedWith(answer, { code: form.unusableCode, message: found.join('; ') }) };
        },
      },
    );
  }

  private mistakesOf<T, Kept>({ form, mistakes }: StructuredCall<T, Kept>, answer: LlmAnswer): readonly string[] {
    return this.forms.mistakesOf(form, answer, mistakes);
  }
}

const mayTryAgain = ({ agentType }: Pick<AgentCall, 'agentType'>, failedTries: readonly FailedTry[]): boolean =>
  failedTries.length < triesOf(agentType) && hasTimeToTryAgain(agentType, workMsOf([], failedTries));

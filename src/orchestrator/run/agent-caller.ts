import { Injectable } from '@nestjs/common';
import { Durable } from '../../durable/durable.service.js';
import { EventFeed } from '../../events/event-feed.js';
import { Problem } from '../../http/problem.js';
import type { LlmAnswer } from '../../llm/llm-call.js';
import { failedAnswer, failedCall, mistakeOf, triesOf, type FailedTry } from './agent-attempts.rules.js';
import type { AgentCall, AnswerUse, Unmet } from './agent-call.js';
import { earlierTurns } from './agent-limits.rules.js';
import { AgentStep } from './agent-step.js';
import { hasTimeToTryAgain, workMsOf } from './agent-time.rules.js';
import type { PastTurn } from './agent-turn.js';
import { failedStep } from './step-names.js';
import { TreeWriter } from './tree-writer.js';
import { failureOfProblem } from './unfinished.rules.js';
import type { AgentFailure, AgentTask, WorkflowRun } from './workflow-run.js';

/** A try that brought nothing usable, where another one may. */
export interface InVain {
  readonly inVain: FailedTry;
}

interface AskOptions<T> extends AnswerUse<T> {
  /** Why a whole answer is not what was asked for, as a sentence; it is then asked for once more, and taken as it is. */
  readonly mistake?: (answer: LlmAnswer) => string | undefined;
  /** Faulty answers are the caller's to ask for again. Calls that bring none are not. */
  readonly takesFaults?: true;
}

/** Asks an agent's model, again as often as the agent may try. */
@Injectable()
export class AgentCaller {
  constructor(
    private readonly agentStep: AgentStep,
    private readonly durable: Durable,
    private readonly tree: TreeWriter,
    private readonly feed: EventFeed,
  ) {}

  /** A call that is the agent's whole work: the agent and its subtask end with it. */
  runToEnd<T>(run: WorkflowRun, call: AgentCall, result: AskOptions<T>['result']): Promise<T | Unmet | Problem> {
    const failedTries = call.failedTries ?? [];
    const whole = { ...call, failedTries };
    return this.ask(run, whole, {
      commit: (tx, answer) =>
        answer.fault === undefined
          ? this.tree.completeAgent(tx, run, call, answer, earlierTurns([], failedTries))
          : this.tree.failAgent(tx, run, call, { failure: answer.fault, answer, failedTries }),
      result,
    });
  }

  /**
   * One answer, asked for again as often as the agent may try: when it is of no use, and when the provider cannot be had. A `Problem`
   * is a call that brought no answer; nothing of it stands in the tree yet.
   */
  async ask<T>(run: WorkflowRun, call: AgentCall, options: AskOptions<T>): Promise<T | Unmet | Problem> {
    const { purpose, failedTries = [], workedMs = 0 } = call;
    for (let again = 0; ; again += 1) {
      const attempt = { ...call, failedTries, purpose: again === 0 ? purpose : purposeOfTry(purpose, again + 1) };
      const mayFollow = (failed: FailedTry): boolean =>
        failedTries.length + 1 < triesOf(call.agentType) &&
        (failed.workMs === undefined ||
          hasTimeToTryAgain(call.agentType, workedMs + workMsOf([], [...failedTries, failed])));
      const got = await this.askOnce(run, attempt, { before: again > 0 ? failedTries : [], mayFollow }, options);
      if (!isInVain(got)) return got;
      failedTries.push(got.inVain);
    }
  }

  /**
   * One try, so one step: for agents that are asked at once, whose steps have to begin in one order.
   * @param attempt `before`: the tries that this one repeats, so that it waits, and says what was wrong; `mayFollow`: whether another
   * try may follow one that failed so
   * @returns what came in vain only where another try is of use, and may follow
   */
  async askOnce<T>(
    run: WorkflowRun,
    call: AgentCall,
    {
      before,
      mayFollow,
    }: { readonly before: readonly FailedTry[]; readonly mayFollow: (failed: FailedTry) => boolean },
    options: AskOptions<T>,
  ): Promise<T | Unmet | Problem | InVain> {
    const { failedTries = [] } = call;
    const mistake = options.takesFaults === true ? undefined : mistakeOf(before);
    const got = await this.agentStep.run<T | InVain>(
      run,
      call,
      { before, mistake },
      {
        output: options.output,
        commit: (tx, answer) =>
          inVain(answer, failedTries, mayFollow, options) === undefined
            ? options.commit(tx, answer)
            : this.tree.recordAnswer(tx, run, call, answer),
        result: (answer, told) => {
          const failed = inVain(answer, failedTries, mayFollow, options);
          return failed === undefined ? options.result(answer, told) : { inVain: failed };
        },
      },
    );
    const failed = got instanceof Problem ? failedCall(got) : undefined;
    return failed === undefined || !mayFollow(failed) ? got : { inVain: failed };
  }

  /** Writes into the tree that a call brought no answer. */
  async fail(
    run: WorkflowRun,
    task: AgentTask,
    problem: Problem,
    past: readonly PastTurn[] = [],
    failedTries: readonly FailedTry[] = [],
  ): Promise<AgentFailure> {
    const failure = failureOfProblem(problem, run.workflowId);
    await this.durable.commit(failedStep(task.purpose), (tx) =>
      this.tree.failAgent(tx, run, task, { failure, past, failedTries }),
    );
    this.feed.announce(run.workflowId);
    return { ok: false, ...failure };
  }
}

/** What a try that repeats another one is called: it names its step. */
export const purposeOfTry = (purpose: string, number: number): string => `${purpose}:try-${number}`;

/** Why an answer is asked for again; undefined when it is taken, as the last one always is. */
function inVain<T>(
  answer: LlmAnswer,
  failedTries: readonly FailedTry[],
  mayFollow: (failed: FailedTry) => boolean,
  { mistake, takesFaults }: AskOptions<T>,
): FailedTry | undefined {
  if (takesFaults === true) return undefined;
  const isRepaired = failedTries.some(({ code }) => code === 'LLM_MALFORMED_OUTPUT');
  const failed = failedAnswer(answer, isRepaired ? undefined : mistake?.(answer));
  return failed !== undefined && mayFollow(failed) ? failed : undefined;
}

export const isInVain = (got: unknown): got is InVain => typeof got === 'object' && got !== null && 'inVain' in got;

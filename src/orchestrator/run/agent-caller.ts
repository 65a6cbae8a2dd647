import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../database/sql.js';
import { Durable } from '../../durable/durable.service.js';
import type { EffectContext } from '../../durable/durable.types.js';
import { EventFeed } from '../../events/event-feed.js';
import type { NewEvent } from '../../events/event-log.js';
import { Problem } from '../../http/problem.js';
import { LlmGateway } from '../../llm/gateway.js';
import { pause } from '../../waiting/deadline.js';
import { LlmAborted, type LlmAnswer, type LlmCall } from '../../llm/llm-call.js';
import { ModelCatalog } from '../../llm/model-catalog.js';
import { allEnded } from '../../waiting/all-ended.js';
import { Mailbox } from '../communications/mailbox.js';
import type { Message } from '../communications/message.rules.js';
import { modelFor } from '../planning/model-choice.rules.js';
import type { EarlyEnd } from '../adaptation/adaptation.rules.js';
import { Prompts, type AgentPrompt } from '../planning/prompts.js';
import { kindOf } from '../planning/task-kinds.rules.js';
import { expectedReuse, expectedReuseOfTurn, type AlikeCalls } from '../planning/reuse.rules.js';
import {
  failedAnswer,
  failedCall,
  httpAttemptsOf,
  mistakeOf,
  pauseBeforeTryMs,
  triesOf,
  WORK_MS,
  type FailedTry,
} from './agent-attempts.rules.js';
import { earlierTurns } from './agent-limits.rules.js';
import { AgentPlaces } from './agent-places.js';
import { answerTimeoutMs, hasTimeToTryAgain, workMsOf } from './agent-time.rules.js';
import type { PastTurn } from './agent-turn.js';
import { RunGate, type GatedContext } from './run-gate.js';
import type { SettledSubtask } from './run-reader.js';
import { TreeWriter } from './tree-writer.js';
import { failureOfProblem } from './unfinished.rules.js';
import type { AgentFailure, AgentOutcome, AgentTask, WorkflowRun } from './workflow-run.js';

/** A workflow that others are served before is slow, not failed. */
const AGENT_QUEUE_TIMEOUT_MS = 3_600_000;

/** What an agent would need and does not get, or that there is nothing left for it to do: then nothing is asked. */
export interface Unmet {
  readonly unmet: readonly string[];
  readonly settled?: SettledSubtask;
  /** Why nothing is begun any more. */
  readonly endsEarly?: EarlyEnd;
}

export interface AgentCall extends AgentTask {
  /** Runs inside the step, so it may read rows. */
  readonly prompt: () => Promise<AgentPrompt | Unmet>;
  /** The workflow's calls that begin like this one, itself included; default: none does. */
  readonly alike?: AlikeCalls;
  /** A turn after the agent's first: its conversation is expected to go on. */
  readonly isContinued?: boolean;
  /** Tries of the agent that brought nothing usable, over all its calls; grows with each. Default: none yet. */
  readonly failedTries?: FailedTry[];
  /** What the agent's turns before have worked, of the time it has. */
  readonly workedMs?: number;
  /** More rows that must stand before the call; written again when the step is entered again. */
  readonly prepare?: (tx: Transaction) => Promise<void>;
  /** What is told before the start of the agent, together with it. */
  readonly announced?: readonly NewEvent[];
  /** The same, but after the agent's own row. */
  readonly started?: (tx: Transaction) => Promise<void>;
}

/** A try that brought nothing usable, where another one may. */
export interface InVain {
  readonly inVain: FailedTry;
}

interface AskOptions<T> {
  readonly output?: LlmCall['output'];
  /** Why a whole answer is not what was asked for, as a sentence; it is then asked for once more, and taken as it is. */
  readonly mistake?: (answer: LlmAnswer) => string | undefined;
  /** Faulty answers are the caller's to ask for again. Calls that bring none are not. */
  readonly takesFaults?: true;
  /** The agent's rows, in the transaction that settles its call. */
  readonly commit: (tx: Transaction, answer: LlmAnswer) => void | Promise<void>;
  /** What of the answer the run goes on with; kept as JSON in the step's checkpoint. */
  readonly result: (answer: LlmAnswer) => T;
}

/** An agent's model call as one durable step: paid once, its rows and events committed with reservation and settlement. */
@Injectable()
export class AgentCaller {
  constructor(
    private readonly durable: Durable,
    private readonly gateway: LlmGateway,
    private readonly catalog: ModelCatalog,
    private readonly tree: TreeWriter,
    private readonly feed: EventFeed,
    private readonly gate: RunGate,
    private readonly prompts: Prompts,
    private readonly places: AgentPlaces,
    private readonly mailbox: Mailbox,
  ) {}

  /** A call that is the agent's whole work: the agent and its subtask end with it. */
  runToEnd<T>(run: WorkflowRun, call: AgentCall, result: AskOptions<T>['result']): Promise<T | Unmet | Problem> {
    const failedTries = call.failedTries ?? [];
    const whole = { ...call, failedTries };
    return this.ask(run, whole, {
      commit: (tx, answer) =>
        answer.fault === undefined
          ? this.tree.completeAgent(tx, run, call, answer, earlierTurns([], failedTries))
          : this.tree.failAgent(tx, run, call, answer.fault, answer, earlierTurns([], failedTries)),
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
    const got = await this.step<T | InVain>(run, call, before, {
      output: options.output,
      commit: (tx, answer) =>
        inVain(answer, failedTries, mayFollow, options) === undefined
          ? options.commit(tx, answer)
          : this.tree.recordAnswer(tx, run, call, answer),
      result: (answer) => {
        const failed = inVain(answer, failedTries, mayFollow, options);
        return failed === undefined ? options.result(answer) : { inVain: failed };
      },
    });
    const failed = got instanceof Problem ? failedCall(got) : undefined;
    return failed === undefined || !mayFollow(failed) ? got : { inVain: failed };
  }

  private async step<T>(
    run: WorkflowRun,
    call: AgentCall,
    before: readonly FailedTry[],
    options: AskOptions<T>,
  ): Promise<T | Unmet | Problem> {
    const { failedTries = [], agentType, agentClass } = call;
    const timeoutMs = answerTimeoutMs(agentType, (call.workedMs ?? 0) + workMsOf([], failedTries));
    try {
      const result = await this.durable.step(call.purpose, (context) =>
        this.readBeside(run, call, before, context, async (gated, read) => {
          const { stepKey, signal, idleSignal, fence, checkpoint, isThrifty } = gated;
          await pauseBefore(before, idleSignal);
          const [asked, messages] = await read();
          if ('unmet' in asked) return asked;
          const mistake = options.takesFaults === true ? undefined : mistakeOf(before);
          const given = mistake === undefined ? asked : this.prompts.again(asked, mistake);
          const mail = this.mailbox.mailOf(messages, call.agentId, given);
          const { prompt } = mail;
          const focus = isThrifty ? 'cost' : run.settings.optimizationFocus;
          const model = run.settings.model ?? modelFor(taskOf(call), focus);
          let sentAt: number | undefined;
          const asking = this.places.within({ ...run, ...call }, idleSignal, () =>
            this.gateway.call({
              ...prompt,
              purpose: call.purpose,
              maxTokens: Math.min(
                kindOf(agentClass).maxAnswerTokens,
                this.catalog.resolve(model).model.maxOutputTokens,
              ),
              model,
              output: options.output,
              confidence: options.output === undefined ? 'tag' : 'member',
              reuse: reuseOf(run, call, prompt),
              attribution: {
                principalId: run.principalId,
                workflowId: run.workflowId,
                thoughtId: call.thoughtId,
                agentId: call.agentId,
              },
              budget: { workflowIds: run.budgetIds, isAutonomous: run.isAutonomous },
              stepKey,
              signal,
              idleSignal,
              fence,
              timeoutMs,
              wholeTimeoutMs: timeoutMs,
              maxAttempts: httpAttemptsOf(before),
              queueTimeoutMs: AGENT_QUEUE_TIMEOUT_MS,
              prepare: async (tx) => {
                await call.prepare?.(tx);
                await this.tree.startAgent(tx, run, call, call.announced);
                if (failedTries.length > 0) await this.tree.resumeAgent(tx, call, failedTries);
                await call.started?.(tx);
                await mail.deliver(tx);
                sentAt = performance.now();
              },
              commit: async (tx, answer) => {
                await options.commit(tx, answer);
                await mail.process(tx);
                await checkpoint(tx, options.result(answer));
              },
            }),
          );
          const answer = await asking.catch((error: unknown) => {
            throw error instanceof Problem ? withWorkMs(error, sentAt) : error;
          });
          return options.result(answer);
        }),
      );
      this.feed.announce(run.workflowId);
      return result;
    } catch (error) {
      if (error instanceof Problem) return error;
      throw error;
    }
  }

  /**
   * Passes the gate while what the call is made of is read, which most pass at once. `read` gives it; what was read before a wait, be it for
   * a pause or for another try, is read anew. Nothing is read any more when this is over.
   */
  private async readBeside<T>(
    run: WorkflowRun,
    { prompt, agentId }: AgentCall,
    before: readonly FailedTry[],
    context: EffectContext,
    effect: (
      gated: GatedContext,
      read: () => Promise<readonly [AgentPrompt | Unmet, readonly Message[]]>,
    ) => Promise<T>,
  ): Promise<T> {
    const readNow = () => allEnded([prompt(), this.mailbox.messagesFor(run.workflowId, agentId)]);
    let early = before.length === 0 ? readNow() : undefined;
    const isOver = early?.then(nothing, nothing);
    const read = async () => {
      await isOver;
      return early ?? readNow();
    };
    try {
      return await this.gate.run(
        run.workflowId,
        context,
        (gated) => effect(gated, read),
        () => (early = undefined),
      );
    } finally {
      await isOver;
    }
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
    await this.durable.commit(`${task.purpose}:failed`, (tx) =>
      this.tree.failAgent(tx, run, task, failure, undefined, earlierTurns(past, failedTries)),
    );
    this.feed.announce(run.workflowId);
    return { ok: false, ...failure };
  }
}

const nothing = (): void => undefined;

/** What a try that repeats another one is called: it names its step. */
export const purposeOfTry = (purpose: string, number: number): string => `${purpose}:try-${number}`;

/** The wait between two tries is part of the second one's step: a process that stops in it leaves the try to the next. */
async function pauseBefore(failedTries: readonly FailedTry[], idleSignal: AbortSignal): Promise<void> {
  const pauseMs = pauseBeforeTryMs(failedTries);
  if (pauseMs === 0) return;
  await pause(pauseMs, idleSignal).catch(() => {
    throw new LlmAborted(idleSignal.reason);
  });
}

/** Into the step's checkpoint: between steps there is no clock. */
function withWorkMs({ code, detail, options }: Problem, sentAt: number | undefined): Problem {
  if (sentAt === undefined) return new Problem(code, detail, options);
  const workMs = Math.round(performance.now() - sentAt);
  return new Problem(code, detail, { ...options, extensions: { ...options.extensions, [WORK_MS]: workMs } });
}

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

function reuseOf(run: WorkflowRun, { alike, isContinued }: AgentCall, { mustAnswer }: AgentPrompt): LlmCall['reuse'] {
  const { cachingStrategy } = run.settings;
  const goesOn = isContinued === true && mustAnswer !== true;
  return goesOn ? expectedReuseOfTurn(cachingStrategy, alike) : expectedReuse(cachingStrategy, alike);
}

/** By its purpose: the class of the synthesising agent is that of a subtask's too. */
const taskOf = ({ purpose, agentClass }: AgentTask): string => (purpose === 'synthesis' ? 'synthesis' : agentClass);

/** The outcome of an agent whose work was one answer. */
export const outcomeOf = ({ interactionId, fault }: LlmAnswer): AgentOutcome =>
  fault === undefined ? { ok: true, interactionId } : { ok: false, ...fault, interactionId };

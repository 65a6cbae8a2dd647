import { Injectable } from '@nestjs/common';
import { Durable } from '../../durable/durable.service.js';
import type { EffectContext } from '../../durable/durable.types.js';
import { EventFeed } from '../../events/event-feed.js';
import { Problem } from '../../http/problem.js';
import { LlmGateway } from '../../llm/gateway.js';
import { LlmAborted, type LlmCall } from '../../llm/llm-call.js';
import { ModelCatalog } from '../../llm/model-catalog.js';
import { allEnded } from '../../waiting/all-ended.js';
import { pause } from '../../waiting/deadline.js';
import { Mailbox } from '../communications/mailbox.js';
import type { Message } from '../communications/message.rules.js';
import { modelFor } from '../planning/model-choice.rules.js';
import { Prompts, type AgentPrompt } from '../planning/prompts.js';
import { expectedReuse, expectedReuseOfTurn } from '../planning/reuse.rules.js';
import { kindOf } from '../planning/task-kinds.rules.js';
import { httpAttemptsOf, pauseBeforeTryMs, WORK_MS, type FailedTry } from './agent-attempts.rules.js';
import type { AgentCall, AnswerUse, Unmet } from './agent-call.js';
import { AGENT_QUEUE_TIMEOUT_MS, AgentPlaces } from './agent-places.js';
import { answerTimeoutMs, workMsOf } from './agent-time.rules.js';
import { RunGate, type GatedContext } from './run-gate.js';
import { TreeWriter } from './tree-writer.js';
import type { AgentTask, WorkflowRun } from './workflow-run.js';

/** What a try repeats. */
export interface Repetition {
  /** The tries before, which it waits after; none: it is the first. */
  readonly before: readonly FailedTry[];
  /** What was wrong with the last answer, for the model to hear. */
  readonly mistake: string | undefined;
}

type Asked = readonly [AgentPrompt | Unmet, readonly Message[]];

/** An agent's model call as one durable step: paid once, its rows and events committed with reservation and settlement. */
@Injectable()
export class AgentStep {
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

  /** @returns a `Problem` where no answer came; nothing of the call stands in the tree then */
  async run<T>(
    run: WorkflowRun,
    call: AgentCall,
    repetition: Repetition,
    use: AnswerUse<T>,
  ): Promise<T | Unmet | Problem> {
    try {
      const result = await this.durable.step(call.purpose, (context) =>
        this.readBeside(run, call, repetition, context, async (gated, read) => {
          await pauseBefore(repetition.before, gated.idleSignal);
          const [asked, messages] = await read();
          return 'unmet' in asked ? asked : this.send(run, call, repetition, gated, [asked, messages], use);
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
   * Reads prompt and messages while the gate is being passed, since most calls pass at once; `effect` gets them by `read`. They are read
   * again where the gate held the workflow meanwhile; a try that follows another reads them only after its pause. No read outlives this.
   */
  private async readBeside<T>(
    run: WorkflowRun,
    { prompt, agentId }: AgentCall,
    { before }: Repetition,
    context: EffectContext,
    effect: (gated: GatedContext, read: () => Promise<Asked>) => Promise<T>,
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

  private async send<T>(
    run: WorkflowRun,
    call: AgentCall,
    { before, mistake }: Repetition,
    gated: GatedContext,
    [asked, messages]: readonly [AgentPrompt, readonly Message[]],
    { output, commit, result }: AnswerUse<T>,
  ): Promise<T> {
    const { failedTries = [] } = call;
    const mail = this.mailbox.mailOf(
      messages,
      call.agentId,
      mistake === undefined ? asked : this.prompts.again(asked, mistake),
    );
    let failedMs: number | undefined;
    const request: LlmCall = {
      ...mail.prompt,
      ...this.termsOf(run, call, mail.prompt, gated.isThrifty),
      output,
      confidence: output === undefined ? 'tag' : 'member',
      stepKey: gated.stepKey,
      signal: gated.signal,
      idleSignal: gated.idleSignal,
      fence: gated.fence,
      maxAttempts: httpAttemptsOf(before),
      listener: { onFailed: (ms) => (failedMs = (failedMs ?? 0) + ms) },
      prepare: async (tx) => {
        await call.prepare?.(tx);
        await this.tree.startAgent(tx, run, call, call.announced);
        if (failedTries.length > 0) await this.tree.resumeAgent(tx, call, failedTries);
        await call.started?.(tx);
        await mail.deliver(tx);
      },
      commit: async (tx, answer) => {
        await commit(tx, answer);
        await mail.process(tx);
        await gated.checkpoint(tx, result(answer, mistake));
      },
    };
    const asking = this.places.within({ ...run, ...call }, gated.idleSignal, () => this.gateway.call(request));
    const answer = await asking.catch((error: unknown) => {
      throw error instanceof Problem ? withWorkMs(error, failedMs) : error;
    });
    return result(answer, mistake);
  }

  /** What of a request follows from who asks, and for what. */
  private termsOf(
    run: WorkflowRun,
    call: AgentCall,
    prompt: AgentPrompt,
    isThrifty: boolean,
  ): Omit<LlmCall, keyof AgentPrompt> {
    const { agentType, agentClass, failedTries, workedMs = 0 } = call;
    const focus = isThrifty ? 'cost' : run.settings.optimizationFocus;
    const model = run.settings.model ?? modelFor(taskOf(call), focus);
    const timeoutMs = answerTimeoutMs(agentType, workedMs + workMsOf([], failedTries));
    return {
      purpose: call.purpose,
      model,
      maxTokens: Math.min(kindOf(agentClass).maxAnswerTokens, this.catalog.resolve(model).model.maxOutputTokens),
      reuse: reuseOf(run, call, prompt),
      attribution: {
        principalId: run.principalId,
        workflowId: run.workflowId,
        thoughtId: call.thoughtId,
        agentId: call.agentId,
      },
      budget: { workflowIds: run.budgetIds, isAutonomous: run.isAutonomous },
      timeoutMs,
      wholeTimeoutMs: timeoutMs,
      queueTimeoutMs: AGENT_QUEUE_TIMEOUT_MS,
    };
  }
}

const nothing = (): void => undefined;

/** The wait between two tries is part of the second one's step: a process that stops in it leaves the try to the next. */
async function pauseBefore(failedTries: readonly FailedTry[], idleSignal: AbortSignal): Promise<void> {
  const pauseMs = pauseBeforeTryMs(failedTries);
  if (pauseMs === 0) return;
  await pause(pauseMs, idleSignal).catch(() => {
    throw new LlmAborted(idleSignal.reason);
  });
}

/** Into the step's checkpoint: between steps there is no clock. */
function withWorkMs({ code, detail, options }: Problem, failedMs: number | undefined): Problem {
  if (failedMs === undefined) return new Problem(code, detail, options);
  return new Problem(code, detail, {
    ...options,
    extensions: { ...options.extensions, [WORK_MS]: failedMs },
  });
}

function reuseOf(run: WorkflowRun, { alike, isContinued }: AgentCall, { mustAnswer }: AgentPrompt): LlmCall['reuse'] {
  const { cachingStrategy } = run.settings;
  const goesOn = isContinued === true && mustAnswer !== true;
  return goesOn ? expectedReuseOfTurn(cachingStrategy, alike) : expectedReuse(cachingStrategy, alike);
}

/** By its purpose: the class of the synthesising agent is that of a subtask's too. */
const taskOf = ({ purpose, agentClass }: AgentTask): string => (purpose === 'synthesis' ? 'synthesis' : agentClass);

import { Injectable } from '@nestjs/common';
import type { LlmAnswer } from '../../llm/llm-call.js';
import { ModelCatalog } from '../../llm/model-catalog.js';
import type { ToolDefinition } from '../../llm/prompt-layout.js';
import type { Transaction } from '../../database/sql.js';
import { Problem } from '../../http/problem.js';
import { ToolRegistry } from '../../tools/tool-registry.js';
import { Prompts, type AgentPrompt } from '../planning/prompts.js';
import { modelsThatMayBeAsked } from '../planning/model-choice.rules.js';
import { formMistake, kindOf } from '../planning/task-kinds.rules.js';
import { outcomeOf, type AgentCall, type Unmet } from './agent-call.js';
import { AgentCaller } from './agent-caller.js';
import { inputTokensOf, type FailedTry } from './agent-attempts.rules.js';
import {
  earlierTurns,
  limitReached,
  roomForConversation,
  turnBytesIn,
  type LimitReached,
} from './agent-limits.rules.js';
import { workMsOf } from './agent-time.rules.js';
import type { AskingTurn, PastTurn } from './agent-turn.js';
import { fingerprint } from './loop-guard.rules.js';
import { ConversationReader } from './conversation-reader.js';
import { Delegation } from './delegation.js';
import { maySpawn, SPAWN_SUBTASK } from './spawn.rules.js';
import { ToolCalls } from './tool-calls.js';
import { goneTool, riskOfCall, toolsToOffer } from './tool-offer.rules.js';
import { TreeWriter } from './tree-writer.js';
import type { AgentOutcome, WorkflowRun } from './workflow-run.js';

/** What the request of a turn was made of, for what is done with its answer. */
interface Asked {
  readonly offered: readonly string[];
  /** Why it is the last one. */
  readonly limit: LimitReached | undefined;
}

/**
 * A task agent: its model is asked, the tools it asks for are run, and their results are asked about again, until it answers without
 * asking for any, or has to. Each turn of the model and each call is a step; an agent that uses no tools is one step.
 */
@Injectable()
export class AgentLoop {
  constructor(
    private readonly caller: AgentCaller,
    private readonly toolCalls: ToolCalls,
    private readonly delegation: Delegation,
    private readonly registry: ToolRegistry,
    private readonly conversation: ConversationReader,
    private readonly prompts: Prompts,
    private readonly tree: TreeWriter,
    private readonly catalog: ModelCatalog,
  ) {}

  /** The agent and its subtask end with it. */
  async runToEnd(run: WorkflowRun, call: AgentCall): Promise<AgentOutcome | Unmet> {
    const past: PastTurn[] = [];
    const failedTries: FailedTry[] = [];
    for (;;) {
      const purpose = past.length === 0 ? call.purpose : `${call.purpose}:${past.length + 1}`;
      const turn = await this.ask(run, { ...call, purpose, failedTries, workedMs: workMsOf(past) }, past);
      if (turn instanceof Problem) {
        const failure = await this.caller.fail(run, call, turn, past, failedTries);
        return { ...failure, interactionId: past.at(-1)?.interactionId };
      }
      if (!('calls' in turn)) return turn;
      const task = { ...call, purpose };
      const done = await this.toolCalls.run(run, task, turn, run.toolAllowance);
      const spawned = await this.delegation.run(run, task, turn);
      past.push({ ...turn, outcomes: done.map((outcome, index) => spawned.get(index) ?? outcome) });
    }
  }

  private ask(
    run: WorkflowRun,
    call: AgentCall,
    past: readonly PastTurn[],
  ): Promise<AgentOutcome | AskingTurn | Unmet | Problem> {
    let asked: Asked = { offered: [], limit: undefined };
    const prompt = async (): Promise<AgentPrompt | Unmet> => {
      const first = await call.prompt();
      if ('unmet' in first) return first;
      const tools = this.tools(run, call.thoughtId, past);
      const { limit, ...whole } = await this.continued(first, tools, past, run, call);
      asked = { offered: tools.map(({ name }) => name), limit };
      return whole;
    };
    const isContinued = past.length > 0;
    return this.caller.ask<AgentOutcome | AskingTurn>(
      run,
      {
        ...call,
        prompt,
        isContinued,
        ...(isContinued && { prepare: (tx: Transaction) => this.tree.resumeAgent(tx, call) }),
      },
      {
        mistake: (answer) => (answer.toolCalls.length > 0 ? undefined : formMistake(call.agentClass, answer.content)),
        commit: (tx, answer) => {
          const { failedTries } = call;
          const outcome = this.read(run, call, answer, asked);
          if ('calls' in outcome) return this.tree.awaitTools(tx, run, call, answer);
          return outcome.ok
            ? this.tree.completeAgent(tx, run, call, answer, {
                ...earlierTurns(past, failedTries),
                limit: asked.limit?.reason,
                mistake: formMistake(call.agentClass, answer.content),
              })
            : this.tree.failAgent(tx, run, call, { failure: outcome, answer, past, failedTries });
        },
        result: (answer, mistake) => this.read(run, call, answer, asked, mistake),
      },
    );
  }

  /** The request of a turn: the agent's prompt, and behind it all that was said since. */
  private async continued(
    first: AgentPrompt,
    tools: readonly ToolDefinition[],
    past: readonly PastTurn[],
    run: WorkflowRun,
    { agentClass, agentType, failedTries }: AgentCall,
  ): Promise<AgentPrompt & Pick<Asked, 'limit'>> {
    if (tools.length === 0) return { ...first, limit: undefined };
    const begun = { ...this.prompts.withTools(first), tools };
    const room = this.roomFor(run, agentClass, Buffer.byteLength(JSON.stringify(begun)));
    const said = await this.conversation.turns(past, turnBytesIn(room));
    const mistakes = past.map(({ mistake }) => mistake);
    const whole = this.prompts.goneOn(begun, said, mistakes);
    const { turns } = whole;
    const bytes = turns.length === 0 ? 0 : Buffer.byteLength(JSON.stringify(turns));
    const limit = limitReached(past, bytes, room, agentType, failedTries);
    if (limit === undefined) return { ...whole, limit };
    const [last, { text: note, ref }] = [turns.at(-1), this.prompts.lastTurn(limit.reason)];
    return {
      ...whole,
      otherTemplates: [...(whole.otherTemplates ?? []), ref],
      mustAnswer: true,
      turns: last === undefined ? turns : [...turns.slice(0, -1), { ...last, note }],
      limit,
    };
  }

  /** The same for all turns of an agent, but where the list of models changes. */
  private roomFor({ settings }: WorkflowRun, agentClass: string, promptBytes: number): number {
    const { contextWindow, maxOutputTokens } = this.catalog.smallestLimits(modelsThatMayBeAsked(settings));
    return roomForConversation(
      contextWindow,
      promptBytes,
      Math.min(kindOf(agentClass).maxAnswerTokens, maxOutputTokens),
    );
  }

  /** The same for all turns of an agent: they stand at the beginning of what its model's provider caches. */
  private tools(run: WorkflowRun, thoughtId: string, past: readonly PastTurn[]): ToolDefinition[] {
    const allowance = run.toolAllowance;
    const [began] = past;
    const listed = this.registry
      .available()
      .tools.filter(({ name, available }) => (began === undefined ? available : began.offered.includes(name)));
    const definitions = toolsToOffer(
      listed.flatMap(({ name }) => this.registry.find(name) ?? []),
      allowance,
    );
    if (maySpawn(run, thoughtId)) definitions.push(SPAWN_SUBTASK);
    if (began === undefined) return definitions;
    return began.offered.map((name) => definitions.find((each) => each.name === name) ?? goneTool(name));
  }

  private read(
    run: WorkflowRun,
    call: AgentCall,
    answer: LlmAnswer,
    { offered, limit }: Asked,
    mistake?: string,
  ): AgentOutcome | AskingTurn {
    const { interactionId, toolCalls } = answer;
    if (answer.fault !== undefined || toolCalls.length === 0) {
      return { ...outcomeOf(answer), ...(limit !== undefined && { limit: limit.reason }) };
    }
    if (limit !== undefined) {
      const message = `The agent had to answer because ${limit.reason}, and asked for more tools.`;
      return { ok: false, code: limit.code, message, interactionId };
    }
    return {
      interactionId,
      calls: toolCalls.map(({ name, input }) => ({
        isRead: this.isRead(name, input),
        ...(this.toolCalls.needsApproval(run, call, { name, input }) && { asks: true as const }),
        callPrint: fingerprint(name, input),
        ...(name === SPAWN_SUBTASK.name && { isSpawn: true as const }),
      })),
      // Calls of what was never offered go the same way, and are refused.
      offered: offered.length > 0 ? offered : [...new Set(toolCalls.map(({ name }) => name))],
      costUsd: answer.costUsd.toFixed(),
      retries: answer.retryCount,
      inputTokens: inputTokensOf(answer),
      outputTokens: answer.usage.outputTokens,
      workMs: answer.latencyMs,
      ...(mistake !== undefined && { mistake }),
    };
  }

  private isRead(name: string, parameters: unknown): boolean {
    const tool = this.registry.find(name);
    return tool !== undefined && riskOfCall(tool, parameters) === 'read';
  }
}

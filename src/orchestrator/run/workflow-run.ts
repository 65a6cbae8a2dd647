import type { ToolAllowance } from '../../tools/tool-run.js';
import type { CachingStrategy } from '../planning/reuse.rules.js';
import type { ExecutionSettings } from '../planning/workflow-input.rules.js';
import type { RunnableStrategy } from '../strategies/strategy-choice.rules.js';

/** What a running workflow's steps decide by. Small and fixed at its start: it is kept in the checkpoint of its first step. */
export interface WorkflowRun {
  readonly workflowId: string;
  readonly principalId: string;
  /** Nobody asked for it. Unset in checkpoints from before it was recorded. */
  readonly isAutonomous?: boolean;
  readonly orchestratorId: string;
  readonly strategy: RunnableStrategy;
  readonly model: string | undefined;
  /** Missing in checkpoints of earlier releases: balanced. */
  readonly optimizationFocus?: ExecutionSettings['optimizationFocus'];
  readonly maxSubtasks: number;
  readonly maxConcurrentAgents: number;
  /** Absent in runs that an earlier release began. */
  readonly cachingStrategy?: CachingStrategy;
  /** Absent in runs that an earlier release began: their agents have no tools. */
  readonly toolAllowance?: ToolAllowance;
}

/** One agent's model call: who makes it, for which thought, and what it is for. */
export interface AgentTask {
  readonly agentId: string;
  readonly thoughtId: string;
  /** What kind of task it is for. */
  readonly agentClass: string;
  /** Names the durable step; the same over replays. */
  readonly purpose: string;
}

export interface AgentFailure {
  readonly ok: false;
  readonly code: string;
  readonly message: string;
  /** An answer that came and is no success: cut off, refused. */
  readonly interactionId?: string;
}

export interface AgentSuccess {
  readonly ok: true;
  readonly interactionId: string;
  /** Why it had to answer before it was done with its tools, as the end of a sentence. */
  readonly limit?: string;
}

export type AgentOutcome = AgentSuccess | AgentFailure;

/** How a strategy ended; what it made stands in the tree. */
export interface StrategyOutcome {
  /** The interaction whose answer is the workflow's content; undefined: the results of its subtasks, one after the other. */
  readonly contentFrom: string | undefined;
  readonly failure: { readonly code: string; readonly message: string } | undefined;
  readonly warnings: readonly string[];
}

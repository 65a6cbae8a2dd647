import type { ToolAllowance } from '../../tools/tool-caller.js';
import type { QualityRecord } from '../quality/quality-record.js';
import type { AgentType } from '../agents/agent.values.js';
import type { ExecutionSettings } from '../planning/execution-settings.rules.js';
import type { StrategyName } from '../workflows/workflow.values.js';

/**
 * What the steps of an orchestrator decide by: the top one of a workflow, or one that works on a subtask. Small and fixed at its start:
 * it is kept in a checkpoint, and in the input of each of its children.
 */
export interface WorkflowRun {
  readonly workflowId: string;
  readonly principalId: string;
  /** Nobody asked for it. */
  readonly isAutonomous: boolean;
  readonly orchestratorId: string;
  /** The thought it works on: the workflow's root, or a subtask. Those that it plans are its children. */
  readonly thoughtId: string;
  /** Of that thought; the root has 0. */
  readonly depth: number;
  /** The deepest that a thought of this workflow may be. */
  readonly maxDepth: number;
  /** Whose budgets cover its calls, deepest first: its own share, its parent's, the workflow's. */
  readonly budgetIds: readonly string[];
  /** That may work at once under it, those of its sub-orchestrators included. */
  readonly maxConcurrentAgents: number;
  readonly strategy: StrategyName;
  readonly toolAllowance: ToolAllowance;
  /** Whether more is asked of the result than the rules that always run. */
  readonly isReviewed: boolean;
  readonly settings: ExecutionSettings;
}

/** Of a thought of the run: its own, or one of its subtasks. */
export const depthOf = (run: WorkflowRun, thoughtId: string): number =>
  thoughtId === run.thoughtId ? run.depth : run.depth + 1;

/** One agent's model call: who makes it, for which thought, and what it is for. */
export interface AgentTask {
  readonly agentId: string;
  readonly thoughtId: string;
  /** Default: task. */
  readonly agentType?: AgentType;
  /** Its subtask does not fail with it: what becomes of that is decided afterwards. */
  readonly leavesThought?: boolean;
  /** What kind of task it is for. */
  readonly agentClass: string;
  /** Names the durable step; the same over replays. */
  readonly purpose: string;
  /** Percent of the workflow that is done when it has ended well, where that is not counted by subtasks. */
  readonly progressAfter?: number;
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
  /** What the quality review found; undefined before it, and where none was asked for. */
  readonly quality?: QualityRecord;
}

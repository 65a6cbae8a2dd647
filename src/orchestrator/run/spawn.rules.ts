import type { ToolDefinition } from '../../llm/prompt-layout.js';
import { TASK_KINDS, type TaskKind } from '../planning/plan.rules.js';
import { depthOf, type WorkflowRun } from './workflow-run.js';

const MAX_TITLE = 200;
const MAX_INSTRUCTIONS = 20_000;

/** What an agent delegates by; its calls are not run as a tool's are. */
export const SPAWN_SUBTASK: ToolDefinition = {
  name: 'spawn_subtask',
  description:
    'Gives a part of your task to another agent, which knows the whole task but not your conversation, and answers with its result. ' +
    'Several calls in one turn work at the same time. Use it for parts that are large or independent; do small ones yourself.',
  inputSchema: {
    type: 'object',
    additionalProperties: false,
    required: ['title', 'instructions'],
    properties: {
      title: { type: 'string', description: 'What it is, in a few words.' },
      instructions: { type: 'string', description: 'All that the other agent needs to know.' },
      kind: { type: 'string', enum: [...TASK_KINDS], description: 'Default: subtask_execution.' },
    },
  },
};

export interface SpawnRequest {
  readonly title: string;
  readonly instructions: string;
  readonly kind: TaskKind;
}

/** Why a call is none, by a rule that has a name, and as a sentence. */
export interface SpawnRefusal {
  readonly rule: 'invalid_parameters' | 'max_recursion_depth' | 'max_subtasks' | 'not_allowed';
  readonly message: string;
}

/** Whether the agent of a thought is told that it can delegate. */
export const maySpawn = (run: WorkflowRun, thoughtId: string): boolean =>
  isAllowed(run) && depthOf(run, thoughtId) < run.maxDepth;

/** @param spawned how many subtasks agents of the workflow have spawned already */
export function refusalOf(run: WorkflowRun, thoughtId: string, spawned: number): SpawnRefusal | undefined {
  if (!isAllowed(run)) return { rule: 'not_allowed', message: 'The agents of this workflow may not spawn subtasks.' };
  if (depthOf(run, thoughtId) >= run.maxDepth) {
    return { rule: 'max_recursion_depth', message: `Thoughts go no deeper than max_recursion_depth ${run.maxDepth}.` };
  }
  const { maxSubtasks } = run.settings;
  if (spawned < maxSubtasks) return undefined;
  return {
    rule: 'max_subtasks',
    message: `The agents of a workflow spawn at most max_subtasks ${maxSubtasks} subtasks.`,
  };
}

export function readSpawn(input: unknown): SpawnRequest | SpawnRefusal {
  const { title, instructions, kind = 'subtask_execution', ...others } = (input ?? {}) as Record<string, unknown>;
  const refused = (message: string): SpawnRefusal => ({ rule: 'invalid_parameters', message });
  if (!isText(title, MAX_TITLE)) return refused(`title must be a text of 1 to ${MAX_TITLE} characters.`);
  if (!isText(instructions, MAX_INSTRUCTIONS))
    return refused(`instructions must be a text of 1 to ${MAX_INSTRUCTIONS} characters.`);
  if (!isKind(kind)) return refused(`kind must be one of ${TASK_KINDS.join(', ')}.`);
  const [unknown] = Object.keys(others);
  return unknown === undefined ? { title, instructions, kind } : refused(`${unknown} is no parameter.`);
}

const isAllowed = ({ toolAllowance: { tools, isReadOnly } }: WorkflowRun): boolean =>
  !isReadOnly && (tools === undefined || tools.includes(SPAWN_SUBTASK.name));

const isText = (value: unknown, most: number): value is string =>
  typeof value === 'string' && value.trim() !== '' && value.length <= most;

const isKind = (value: unknown): value is TaskKind => TASK_KINDS.some((kind) => kind === value);

import { PLAN_SCHEMA, TASK_KINDS, type PlannedSubtask, type TaskKind } from './plan.rules.js';
import type { WorkflowBrief } from './workflow-input.rules.js';

/** What one model call is asked. The stable part stands in `system`, what varies in `prompt`. */
export interface PromptPair {
  readonly system: string;
  readonly prompt: string;
}

export interface SubtaskResult {
  readonly title: string;
  readonly content: string;
}

const KIND_GUIDANCE: Partial<Record<TaskKind, string>> = {
  code_synthesis: 'Answer with working code and only the explanation it needs.',
  content_summary: 'Answer with a summary that keeps every fact that matters.',
  structured_extraction: 'Answer with exactly what is asked for, in the form asked for.',
  creative_writing: 'Answer with the finished text.',
  technical_writing: 'Answer with precise, complete technical prose.',
};

const inTag = (tag: string, text: string): string => `<${tag}>\n${text}\n</${tag}>`;

const listText = (heading: string, items: readonly string[]): string =>
  items.length === 0 ? '' : `\n\n${heading}:\n${items.map((item) => `- ${item}`).join('\n')}`;

const resultsText = (results: readonly SubtaskResult[]): string =>
  results.map(({ title, content }) => inTag('result', `${title}\n\n${content}`)).join('\n\n');

/** The task as every prompt of its workflow shows it. */
export const briefText = (brief: WorkflowBrief, contexts: Readonly<Record<string, unknown>>): string =>
  inTag(
    'task',
    brief.objective +
      listText('Constraints', brief.constraints) +
      listText('Deliverables', brief.deliverables) +
      listText('Technical requirements', brief.technicalRequirements),
  ) + (Object.keys(contexts).length === 0 ? '' : `\n\n${inTag('context', JSON.stringify(contexts, null, 2))}`);

export const directPrompt = (brief: string, kind: TaskKind): PromptPair => ({
  system: `You are a task agent of NYX. Do the whole task and answer with the result itself.${guidance(kind)}`,
  prompt: brief,
});

export const planningPrompt = (brief: string, maxSubtasks: number): PromptPair => ({
  system:
    'You are the planner of NYX. Break the task into subtasks that one agent each can do. ' +
    'Give every subtask a short unique id, a title, complete instructions, the ids of the subtasks whose results it needs, ' +
    `and a kind out of: ${TASK_KINDS.join(', ')}. Subtasks without dependencies on each other run at once.`,
  prompt: `${brief}\n\nMake a plan of at most ${maxSubtasks} subtasks for this task.`,
});

export const repairPrompt = (planning: PromptPair, errors: readonly string[]): PromptPair => ({
  system: planning.system,
  prompt: `${planning.prompt} Your last plan could not be used:${listText('Mistakes', errors)}\n\nMake a plan without them.`,
});

export const subtaskPrompt = (
  brief: string,
  subtask: Pick<PlannedSubtask, 'title' | 'instructions' | 'kind'>,
  earlier: readonly SubtaskResult[],
): PromptPair => ({
  system: `You are a task agent of NYX. You do one subtask of a larger task. Answer with the result of your subtask itself.${guidance(subtask.kind)}`,
  prompt:
    `${brief}\n\n` +
    (earlier.length === 0 ? '' : `Results you build on:\n\n${resultsText(earlier)}\n\n`) +
    inTag('subtask', `${subtask.title}\n\n${subtask.instructions}`),
});

export const synthesisPrompt = (
  brief: string,
  results: readonly SubtaskResult[],
  missing: readonly string[],
): PromptPair => ({
  system:
    'You are the synthesising agent of NYX. Make one complete answer to the task out of the results of its subtasks. ' +
    'Say plainly what is missing where a subtask has no result.',
  prompt: `${brief}\n\n${resultsText(results)}${listText('Subtasks without a result', missing)}`,
});

export const PLAN_OUTPUT = { name: 'plan', schema: PLAN_SCHEMA };

const guidance = (kind: TaskKind): string => {
  const text = KIND_GUIDANCE[kind];
  return text === undefined ? '' : ` ${text}`;
};

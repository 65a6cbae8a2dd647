import { CONFIDENCE_MEMBER, type AnswerForm } from './answer-form.js';

/** What a subtask's agent is for; shapes its prompt. */
export const TASK_KINDS = [
  'document_generation',
  'code_synthesis',
  'data_analysis',
  'content_summary',
  'content_transformation',
  'structured_extraction',
  'creative_writing',
  'technical_writing',
  'conversational_response',
  'structured_execution',
  'goal_achievement',
  'content_analysis',
  'content_generation',
  'subtask_execution',
  'decomposition_analysis',
  'task_decomposition',
] as const;
export type TaskKind = (typeof TASK_KINDS)[number];

export interface PlannedSubtask {
  /** The plan's own name for it, unique in the plan. */
  readonly id: string;
  readonly title: string;
  readonly instructions: string;
  /** Ids of subtasks whose results it needs. */
  readonly dependencies: readonly string[];
  readonly kind: TaskKind;
  /** Too large for one agent. Asked only where there are sub-orchestrators. */
  readonly decompose?: boolean;
}

export interface Plan {
  /** In an order in which every subtask follows its dependencies. */
  readonly subtasks: readonly PlannedSubtask[];
}

/** The JSON Schema a planning answer has to fit. */
export const PLAN_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  required: ['subtasks'],
  properties: {
    subtasks: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['id', 'title', 'instructions', 'dependencies', 'kind'],
        properties: {
          id: { type: 'string' },
          title: { type: 'string' },
          instructions: { type: 'string' },
          dependencies: { type: 'array', items: { type: 'string' } },
          kind: { type: 'string', enum: [...TASK_KINDS] },
        },
      },
    },
    confidence: CONFIDENCE_MEMBER,
  },
} as const;

export const PLAN_FORM: AnswerForm = { name: 'plan', schema: PLAN_SCHEMA, unusableCode: 'PLAN_UNUSABLE' };

const SUBTASK_SCHEMA = PLAN_SCHEMA.properties.subtasks.items;

/** A plan whose subtasks may be decomposed again. */
const RECURSIVE_PLAN_SCHEMA = {
  ...PLAN_SCHEMA,
  properties: {
    subtasks: {
      type: 'array',
      items: {
        ...SUBTASK_SCHEMA,
        required: [...SUBTASK_SCHEMA.required, 'decompose'],
        properties: { ...SUBTASK_SCHEMA.properties, decompose: { type: 'boolean' } },
      },
    },
  },
} as const;

export const RECURSIVE_PLAN_FORM: AnswerForm = { ...PLAN_FORM, schema: RECURSIVE_PLAN_SCHEMA };

/** The rules a schema can't say. Empty when the plan can run. */
export function planErrors(subtasks: readonly PlannedSubtask[], maxSubtasks: number): string[] {
  const errors: string[] = [];
  if (subtasks.length === 0) errors.push('the plan has no subtasks');
  if (subtasks.length > maxSubtasks)
    errors.push(`the plan has ${subtasks.length} subtasks, at most ${maxSubtasks} are allowed`);
  const ids = new Set(subtasks.map(({ id }) => id));
  if (ids.size < subtasks.length) errors.push('two subtasks have the same id');
  for (const { id, title, instructions, dependencies } of subtasks) {
    if (id.trim() === '' || title.trim() === '' || instructions.trim() === '')
      errors.push(`subtask "${id}" has an empty id, title or instructions`);
    for (const dependency of dependencies) {
      if (!ids.has(dependency)) errors.push(`subtask "${id}" depends on "${dependency}", which does not exist`);
    }
  }
  if (errors.length === 0 && inOrder(subtasks).length < subtasks.length) errors.push('the dependencies form a circle');
  return errors;
}

/** The subtasks with every one after its dependencies, otherwise in the plan's order; those on a circle are left out. */
export function inOrder(subtasks: readonly PlannedSubtask[]): PlannedSubtask[] {
  const ordered: PlannedSubtask[] = [];
  const done = new Set<string>();
  let remaining = [...subtasks];
  for (;;) {
    const next = remaining.find(({ dependencies }) => dependencies.every((id) => done.has(id)));
    if (next === undefined) return ordered;
    ordered.push(next);
    done.add(next.id);
    remaining = remaining.filter((subtask) => subtask !== next);
  }
}

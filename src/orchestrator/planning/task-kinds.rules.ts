import type { TaskKind } from './plan.rules.js';

/** What an answer of a kind is: prose, or JSON that is held against the static rule before it counts. */
type OutputForm = 'text' | 'json';

interface KindOfTask {
  /** How an agent is told to answer. */
  readonly guidance: string;
  /** Of one answer. The worst case that is reserved grows with it. */
  readonly maxAnswerTokens: number;
  /** What the choice of the model goes by. */
  readonly demand: 'usual' | 'demanding' | 'coordinating';
  readonly output: OutputForm;
}

/** Room for a whole document or a plan of many subtasks. */
const WHOLE = 16_384;
const PAGES = 8_192;
const SHORT = 4_096;

const AS_JSON = 'Answer with JSON and nothing else: no fence, no words before or after it.';

/** One entry a kind: how it is asked, how long it may answer, which model it prefers, what its answer has to be. */
const KINDS: Readonly<Record<TaskKind, KindOfTask>> = {
  document_generation: {
    guidance: 'Answer with the finished document, with headings where it has parts.',
    maxAnswerTokens: WHOLE,
    demand: 'usual',
    output: 'text',
  },
  code_synthesis: {
    guidance: 'Answer with working code and only the explanation it needs.',
    maxAnswerTokens: WHOLE,
    demand: 'demanding',
    output: 'text',
  },
  data_analysis: {
    guidance: `Work out what the data says, with the figures it rests on. ${AS_JSON} Name findings, figures and limits.`,
    maxAnswerTokens: PAGES,
    demand: 'demanding',
    output: 'json',
  },
  content_summary: {
    guidance: 'Answer with a short text that keeps every fact that matters and adds none.',
    maxAnswerTokens: SHORT,
    demand: 'usual',
    output: 'text',
  },
  content_transformation: {
    guidance: 'Answer with the whole content in its new form; change nothing of what it says.',
    maxAnswerTokens: WHOLE,
    demand: 'usual',
    output: 'text',
  },
  structured_extraction: {
    guidance: `Extract exactly what is asked for; null for what is not there. ${AS_JSON}`,
    maxAnswerTokens: PAGES,
    demand: 'usual',
    output: 'json',
  },
  creative_writing: {
    guidance: 'Answer with the finished text, in a voice of its own.',
    maxAnswerTokens: WHOLE,
    demand: 'usual',
    output: 'text',
  },
  technical_writing: {
    guidance: 'Answer with precise, complete technical prose.',
    maxAnswerTokens: WHOLE,
    demand: 'demanding',
    output: 'text',
  },
  conversational_response: {
    guidance: 'Answer as in a conversation: directly, briefly, in the language you were asked in.',
    maxAnswerTokens: SHORT,
    demand: 'usual',
    output: 'text',
  },
  structured_execution: {
    guidance: 'Do what is asked step by step, and answer with what came of it.',
    maxAnswerTokens: WHOLE,
    demand: 'usual',
    output: 'text',
  },
  goal_achievement: {
    guidance: 'Work towards the goal, and say for each of its parts whether it is reached.',
    maxAnswerTokens: WHOLE,
    demand: 'usual',
    output: 'text',
  },
  content_analysis: {
    guidance: 'Answer with what the content says and how it is made; quote what you rest a judgement on.',
    maxAnswerTokens: PAGES,
    demand: 'usual',
    output: 'text',
  },
  content_generation: {
    guidance: 'Answer with the finished content and nothing about it.',
    maxAnswerTokens: WHOLE,
    demand: 'usual',
    output: 'text',
  },
  subtask_execution: {
    guidance: 'Do this part and nothing beyond it: others build on its result.',
    maxAnswerTokens: WHOLE,
    demand: 'usual',
    output: 'text',
  },
  decomposition_analysis: {
    guidance: 'Answer with the parts of the task, what each needs and what depends on what.',
    maxAnswerTokens: PAGES,
    demand: 'coordinating',
    output: 'text',
  },
  task_decomposition: {
    guidance: 'Answer with subtasks that can be done one by one, each with what it needs.',
    maxAnswerTokens: WHOLE,
    demand: 'coordinating',
    output: 'text',
  },
};

/** By an agent's class; one that is no kind of task is as free as an agent can be. */
export const kindOf = (agentClass: string): KindOfTask =>
  Object.hasOwn(KINDS, agentClass) ? KINDS[agentClass as TaskKind] : KINDS.subtask_execution;

/** Why an answer is not what its kind asks for, as a sentence; undefined when it is. */
export function formMistake(agentClass: string, content: string): string | undefined {
  if (kindOf(agentClass).output === 'text') return undefined;
  try {
    JSON.parse(content);
    return undefined;
  } catch {
    return 'The answer is not JSON and nothing else.';
  }
}

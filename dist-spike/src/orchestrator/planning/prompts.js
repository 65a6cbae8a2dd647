import { PLAN_SCHEMA, TASK_KINDS } from './plan.rules.js';
const KIND_GUIDANCE = {
    code_synthesis: 'Answer with working code and only the explanation it needs.',
    content_summary: 'Answer with a summary that keeps every fact that matters.',
    structured_extraction: 'Answer with exactly what is asked for, in the form asked for.',
    creative_writing: 'Answer with the finished text.',
    technical_writing: 'Answer with precise, complete technical prose.',
};
const contextText = (contexts) => Object.keys(contexts).length === 0 ? '' : `\n\nContext:\n${JSON.stringify(contexts, null, 2)}`;
const listText = (heading, items) => items.length === 0 ? '' : `\n\n${heading}:\n${items.map((item) => `- ${item}`).join('\n')}`;
const resultsText = (results) => results.map(({ title, content }) => `## ${title}\n${content}`).join('\n\n');
export const briefText = (brief, contexts) => brief.objective +
    listText('Constraints', brief.constraints) +
    listText('Deliverables', brief.deliverables) +
    listText('Technical requirements', brief.technicalRequirements) +
    contextText(contexts);
export const directPrompt = (brief, kind) => ({
    system: `You are a task agent of NYX. Do the whole task and answer with the result itself.${guidance(kind)}`,
    prompt: brief,
});
export const planningPrompt = (brief, maxSubtasks) => ({
    system: 'You are the planner of NYX. Break the task into subtasks that one agent each can do. ' +
        'Give every subtask a short unique id, a title, complete instructions, the ids of the subtasks whose results it needs, ' +
        `and a kind out of: ${TASK_KINDS.join(', ')}. Subtasks without dependencies on each other run at once.`,
    prompt: `Make a plan of at most ${maxSubtasks} subtasks for this task.\n\n${brief}`,
});
export const repairPrompt = (planning, errors) => ({
    system: planning.system,
    prompt: `${planning.prompt}\n\nYour last plan could not be used:${listText('Mistakes', errors)}\n\nMake a plan without them.`,
});
export const subtaskPrompt = (brief, subtask, earlier) => ({
    system: `You are a task agent of NYX. You do one subtask of a larger task. Answer with the result of your subtask itself.${guidance(subtask.kind)}`,
    prompt: `The larger task:\n${brief}\n\nYour subtask: ${subtask.title}\n${subtask.instructions}` +
        (earlier.length === 0 ? '' : `\n\nResults you build on:\n\n${resultsText(earlier)}`),
});
export const synthesisPrompt = (brief, results, missing) => ({
    system: 'You are the synthesising agent of NYX. Make one complete answer to the task out of the results of its subtasks. ' +
        'Say plainly what is missing where a subtask has no result.',
    prompt: `The task:\n${brief}\n\nResults:\n\n${resultsText(results)}${listText('Subtasks without a result', missing)}`,
});
export const PLAN_OUTPUT = { name: 'plan', schema: PLAN_SCHEMA };
const guidance = (kind) => {
    const text = KIND_GUIDANCE[kind];
    return text === undefined ? '' : ` ${text}`;
};
//# sourceMappingURL=prompts.js.map
import { WORKFLOW_PROMPTS } from '../../src/orchestrator/planning/prompt-catalogue.js';
import { BRIEF_PROMPTS } from '../../src/orchestrator/planning/inputs/brief-prompts.js';
import { EMPTY_BRIEF } from '../../src/orchestrator/planning/inputs/workflow-brief.js';
import { Prompts } from '../../src/orchestrator/planning/prompts.js';
import type { WorkflowBrief } from '../../src/orchestrator/planning/workflow-input.rules.js';
import type { PromptTemplates } from '../../src/llm/prompt-templates/prompt-templates.service.js';
import { compiled, rendered } from '../../src/llm/prompt-templates/template.rules.js';

/** The texts that the code comes with, which an empty database is seeded with. */
const ownTexts: Pick<PromptTemplates, 'register' | 'render'> = {
  register: () => undefined,
  render: (name, values) => {
    const template = [...WORKFLOW_PROMPTS, ...BRIEF_PROMPTS].find((candidate) => candidate.name === name);
    if (template === undefined) throw new Error(`No prompt is named ${name}.`);
    return { text: rendered(compiled(template), values), ref: { name, version: 1 } };
  },
};

/** The prompts of a workflow's agents as a new NYX sends them. */
export const prompts = new Prompts(ownTexts as PromptTemplates);

export const briefOf = (
  brief: Partial<WorkflowBrief> & Pick<WorkflowBrief, 'objective'>,
  contexts: Readonly<Record<string, unknown>> = {},
) => prompts.brief({ ...EMPTY_BRIEF, ...brief }, contexts);

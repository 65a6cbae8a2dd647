import { Injectable } from '@nestjs/common';
import type { BuiltInTemplate } from '../../llm/prompt-templates/built-in-template.js';
import { PromptTemplates } from '../../llm/prompt-templates/prompt-templates.service.js';
import { TASK_KINDS } from './plan.rules.js';
import type { PromptPair, SharedBrief } from './prompts.js';
import { resultsText, type SubtaskResult } from './result-room.rules.js';

const RECURSIVE_PROMPTS = [
  {
    name: 'workflow.path',
    type: 'user',
    content:
      'You work on one part of that task. The way to it, each part a part of the one before:\n\n{{parts}}\n\n' +
      'The last of them is all that you are asked for.{{results}}',
    variables: [
      { name: 'parts', type: 'text', required: true, description: 'Title and instructions of each part, in elements.' },
      { name: 'results', type: 'text', required: false, description: 'The results the last part builds on.' },
    ],
  },
  {
    name: 'planner.recursive.system',
    type: 'system',
    content:
      'You are the planner of NYX. Break what is asked for into subtasks. ' +
      'Give every subtask a short unique id, a title, complete instructions, the ids of the subtasks whose results it needs, ' +
      'and a kind out of: {{kinds}}. Subtasks without dependencies on each other run at once. ' +
      'Set decompose to true for a subtask that is too large for one agent: it gets a planner of its own. ' +
      'Else one agent does it. Decompose only what needs it. {{levels}}',
    variables: [
      { name: 'kinds', type: 'text', required: true, description: 'The kinds a subtask can have.' },
      { name: 'levels', type: 'text', required: true, description: 'How much deeper the plan may go, a sentence.' },
    ],
  },
] as const satisfies readonly BuiltInTemplate[];

/** A subtask on the way from the top to where an orchestrator works. */
export interface PathPart {
  readonly title: string;
  readonly instructions: string;
}

/** The prompts that only workflows with sub-orchestrators have. */
@Injectable()
export class RecursivePrompts {
  constructor(private readonly templates: PromptTemplates) {
    templates.register(RECURSIVE_PROMPTS);
  }

  /** The brief as everybody below a sub-orchestrator is told it: the whole task first, then the way to their part of it. */
  withPath(brief: SharedBrief, path: readonly PathPart[], results: readonly SubtaskResult[]): SharedBrief {
    if (path.length === 0) return brief;
    const { text, ref } = this.templates.render('workflow.path', {
      parts: path.map(({ title, instructions }) => `<part>\n${title}\n\n${instructions}\n</part>`).join('\n\n'),
      results: results.length === 0 ? undefined : `\n\nResults it builds on:\n\n${resultsText(results)}`,
    });
    return { sharedContext: `${brief.sharedContext}\n\n${text}`, otherTemplates: [...brief.otherTemplates, ref] };
  }

  /** `prompt` of a planner, told that it may have subtasks decomposed. `levelsLeft`: below the subtasks it plans. */
  planning(prompt: PromptPair, levelsLeft: number): PromptPair {
    const { text, ref } = this.templates.render('planner.recursive.system', {
      kinds: TASK_KINDS.join(', '),
      levels:
        levelsLeft > 0
          ? `There may be ${levelsLeft} more levels below your subtasks.`
          : 'There may be no more levels below your subtasks.',
    });
    const [, ...others] = prompt.otherTemplates;
    return { ...prompt, system: text, otherTemplates: [ref, ...others] };
  }
}

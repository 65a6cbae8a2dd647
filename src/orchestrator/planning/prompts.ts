import { Injectable } from '@nestjs/common';
import type { LlmCall } from '../../llm/llm-call.js';
import type { Turn } from '../../llm/prompt-layout.js';
import { PromptTemplates, type RenderedPrompt } from '../../llm/prompt-templates/prompt-templates.service.js';
import {
  BRIEF_PROMPTS,
  continuationValues,
  detailsText,
  eventText,
  listText,
  type BriefPromptName,
} from './inputs/brief-prompts.js';
import { TASK_KINDS, type PlannedSubtask } from './plan.rules.js';
import { resultsText, type SubtaskResult } from './result-room.rules.js';
import { kindOf } from './task-kinds.rules.js';
import { WORKFLOW_PROMPTS, type WorkflowPromptName } from './prompt-catalogue.js';
import type { WorkflowBrief } from './workflow-input.rules.js';

/** What one model call is asked, and which templates it was made of. A prompt that is no template's goes without those. */
export type AgentPrompt = Pick<
  LlmCall,
  'tools' | 'mustAnswer' | 'system' | 'sharedContext' | 'prompt' | 'turns' | 'template' | 'otherTemplates'
>;

/** The task as every prompt of its workflow shows it. */
export interface SharedBrief {
  readonly sharedContext: string;
  readonly otherTemplates: NonNullable<LlmCall['otherTemplates']>;
}

/** An agent's prompt, stable parts first: its role in `system`, the workflow in `sharedContext`, what varies in `prompt`. */
export interface PromptPair extends SharedBrief {
  readonly system: string;
  readonly prompt: string;
  readonly template: NonNullable<LlmCall['template']>;
}

/** Makes the prompts of a workflow's agents out of their templates. */
@Injectable()
export class Prompts {
  constructor(private readonly templates: PromptTemplates) {
    templates.register([...WORKFLOW_PROMPTS, ...BRIEF_PROMPTS]);
  }

  brief(brief: WorkflowBrief, contexts: Readonly<Record<string, unknown>>): SharedBrief {
    const parts = [this.render('workflow.brief', { objective: brief.objective, details: detailsText(brief) })];
    if (brief.event !== undefined) parts.push(this.render('workflow.event', { event: eventText(brief.event) }));
    const continuation = continuationValues(brief);
    if (continuation !== undefined) parts.push(this.render('workflow.continuation', continuation));
    if (Object.keys(contexts).length > 0) parts.push(this.render('workflow.context', { contexts }));
    return { sharedContext: parts.map(({ text }) => text).join('\n\n'), otherTemplates: parts.map(({ ref }) => ref) };
  }

  direct(brief: SharedBrief): PromptPair {
    return pair(brief, this.render('agent.direct.system'), this.render('agent.direct.request'));
  }

  planning(brief: SharedBrief, maxSubtasks: number): PromptPair {
    return pair(brief, this.planner(), this.render('planner.request', { max_subtasks: maxSubtasks }));
  }

  repair(brief: SharedBrief, maxSubtasks: number, mistakes: readonly string[]): PromptPair {
    return pair(brief, this.planner(), this.render('planner.repair', { max_subtasks: maxSubtasks, mistakes }));
  }

  subtask(
    brief: SharedBrief,
    { title, instructions, kind }: Pick<PlannedSubtask, 'title' | 'instructions' | 'kind'>,
    earlier: readonly SubtaskResult[],
  ): PromptPair {
    const results = earlier.length === 0 ? undefined : `Results you build on:\n\n${resultsText(earlier)}\n\n`;
    const request = this.render('agent.subtask.request', {
      results,
      title,
      instructions,
      guidance: `\n\n${kindOf(kind).guidance}`,
    });
    return pair(brief, this.render('agent.subtask.system'), request);
  }

  synthesis(brief: SharedBrief, results: readonly SubtaskResult[], missing: readonly string[]): PromptPair {
    const request = this.render('synthesis.request', {
      results: resultsText(results),
      missing: listText('Subtasks without a result', missing),
    });
    return pair(brief, this.render('synthesis.system'), request);
  }

  /** The prompt of an agent that has tools: its role says how to take what they return. */
  withTools(prompt: AgentPrompt): AgentPrompt {
    const { text, ref } = this.render('agent.tools.system');
    return {
      ...prompt,
      system: prompt.system === undefined ? text : `${prompt.system}\n\n${text}`,
      otherTemplates: [...(prompt.otherTemplates ?? []), ref],
    };
  }

  /** What an agent is told with the last results it gets. `reason` is the end of a sentence. */
  lastTurn(reason: string): RenderedPrompt {
    return this.render('agent.tools.last', { reason });
  }

  /**
   * The prompt, and behind it what was said since, which stays as it was sent: a provider reads from its cache only what is the same, and
   * takes back what its model thought only behind what it was thought of.
   * @param mistakes for each turn, what its request said was wrong with an answer before
   */
  goneOn(
    prompt: AgentPrompt,
    turns: readonly Turn[],
    mistakes: readonly (string | undefined)[],
  ): AgentPrompt & { readonly turns: readonly Turn[] } {
    let whole = { ...prompt, turns: [] as readonly Turn[] };
    for (const [index, turn] of turns.entries()) {
      const mistake = mistakes[index];
      const asked = mistake === undefined ? whole : this.again(whole, mistake);
      whole = { ...asked, turns: [...(asked.turns ?? []), turn] };
    }
    return whole;
  }

  /** The prompt once more, with what was wrong with the answer to it: behind everything that it said before. */
  again(prompt: AgentPrompt, mistake: string): AgentPrompt {
    const { text, ref } = this.render('agent.retry', { mistake });
    const others = prompt.otherTemplates ?? [];
    // A version counts as used once a call, however often it stands there.
    const otherTemplates = others.some(({ name }) => name === ref.name) ? others : [...others, ref];
    const last = prompt.turns?.at(-1);
    if (last === undefined) return { ...prompt, otherTemplates, prompt: `${prompt.prompt}\n\n${text}` };
    const note = last.note === undefined ? text : `${last.note}\n\n${text}`;
    return { ...prompt, otherTemplates, turns: [...(prompt.turns ?? []).slice(0, -1), { ...last, note }] };
  }

  private planner(): RenderedPrompt {
    return this.render('planner.system', { kinds: TASK_KINDS.join(', ') });
  }

  private render(
    name: WorkflowPromptName | BriefPromptName,
    values: Readonly<Record<string, unknown>> = {},
  ): RenderedPrompt {
    return this.templates.render(name, values);
  }
}

const pair = (brief: SharedBrief, system: RenderedPrompt, request: RenderedPrompt): PromptPair => ({
  system: system.text,
  sharedContext: brief.sharedContext,
  prompt: request.text,
  template: request.ref,
  otherTemplates: [system.ref, ...brief.otherTemplates],
});

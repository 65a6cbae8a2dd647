import { Injectable } from '@nestjs/common';
import { PromptTemplates } from '../../llm/prompt-templates/prompt-templates.service.js';
import type { BuiltInTemplate } from '../../llm/prompt-templates/built-in-template.js';
import type { PromptPair, SharedBrief } from './prompts.js';

const COMPLEXITY_PROMPTS = [
  {
    name: 'complexity.system',
    type: 'system',
    content:
      'You are the analyst of NYX. Judge how complex the task is, without doing it. Each dimension is low, medium, high or critical, ' +
      'with one short sentence as reason. Low: one agent does it in one go. Medium: it takes some care. High: several agents have to share it. ' +
      'Critical: a mistake does lasting harm, or it is too much for a few agents.',
    variables: [],
  },
  {
    name: 'complexity.request',
    type: 'user',
    content:
      'Judge the complexity of this task: cognitive (how much thinking), technical (how much technical knowledge), coordination (how many ' +
      'parts depend on each other), data (how much material, how varied), time_sensitivity, quality (how much is lost by a flaw), ' +
      'scope (how many parts), risk (what a mistake does).',
    variables: [],
  },
] as const satisfies readonly BuiltInTemplate[];

@Injectable()
export class ComplexityPrompts {
  constructor(private readonly templates: PromptTemplates) {
    templates.register(COMPLEXITY_PROMPTS);
  }

  question(brief: SharedBrief): PromptPair {
    const system = this.templates.render('complexity.system', {});
    const request = this.templates.render('complexity.request', {});
    return {
      system: system.text,
      sharedContext: brief.sharedContext,
      prompt: request.text,
      template: request.ref,
      otherTemplates: [system.ref, ...brief.otherTemplates],
    };
  }
}

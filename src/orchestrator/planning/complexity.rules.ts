import type { Urgency, InputType } from '../workflows/workflow.values.js';
import type { ExecutionSettings } from './execution-settings.rules.js';
import type { WorkflowBrief } from './workflow-input.rules.js';

export type Level = 'low' | 'medium' | 'high' | 'critical';

/** The eight dimensions and what follows from them. */
export interface Complexity {
  readonly cognitive: Level;
  readonly technical: Level;
  readonly coordination: Level;
  readonly data: Level;
  readonly time_sensitivity: Level;
  readonly quality: Level;
  readonly scope: Level;
  readonly risk: Level;
  readonly overall: Level;
  readonly decomposition_needed: boolean;
}

export interface ComplexityInput {
  readonly inputType: InputType;
  readonly brief: WorkflowBrief;
  readonly settings: ExecutionSettings;
  readonly urgency: Urgency;
}

/** Rules of domain.md, "Complexity". */
export function assessComplexity({ inputType, brief, settings, urgency }: ComplexityInput): Complexity {
  const byCount = (count: number): Level => (count > 5 ? 'high' : count > 2 ? 'medium' : 'low');
  const saysComplex = brief.technicalRequirements.some((requirement) => /\bcomplex/i.test(requirement));
  const pressing: Level = urgency === 'critical' ? 'high' : urgency === 'high' ? 'medium' : 'low';
  const strict = settings.validationLevel === 'strict' || settings.validationLevel === 'critical';
  const dimensions = {
    cognitive: cognitiveLevel(inputType, brief.objective),
    technical: saysComplex ? ('high' as const) : byCount(brief.technicalRequirements.length),
    coordination: byCount(brief.deliverables.length),
    data: 'low' as const,
    time_sensitivity: pressing,
    quality: strict
      ? ('high' as const)
      : settings.validationLevel === 'standard'
        ? ('medium' as const)
        : ('low' as const),
    scope: byCount(brief.deliverables.length),
    risk: pressing,
  };
  const overall = overallLevel(dimensions);
  return {
    ...dimensions,
    overall,
    decomposition_needed: [overall, dimensions.scope, dimensions.coordination].some(isHigh),
  };
}

function cognitiveLevel(inputType: InputType, objective: string): Level {
  if (inputType === 'goal_workflow') return 'high';
  const words = objective.trim().split(/\s+/).length;
  const isPlainQuestion = /^[^.?!\n]{1,200}\?$/.test(objective.trim());
  return words <= 8 || isPlainQuestion ? 'low' : 'medium';
}

/** Over all dimensions but time and quality. */
function overallLevel(dimensions: Omit<Complexity, 'overall' | 'decomposition_needed'>): Level {
  const { cognitive, technical, coordination, data, scope, risk } = dimensions;
  const levels = [cognitive, technical, coordination, data, scope, risk];
  const count = (level: Level): number => levels.filter((each) => each === level).length;
  if (count('critical') >= 1 || count('high') >= 4) return 'critical';
  if (count('high') >= 2) return 'high';
  if (count('high') >= 1 || count('medium') >= 4) return 'medium';
  return 'low';
}

const isHigh = (level: Level): boolean => level === 'high' || level === 'critical';

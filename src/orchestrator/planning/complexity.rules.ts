import type { InputType, Urgency } from '../workflows/workflow.values.js';
import type { ExecutionSettings } from './execution-settings.rules.js';
import type { WorkflowBrief } from './workflow-input.rules.js';

export const LEVELS = ['low', 'medium', 'high', 'critical'] as const;
export type Level = (typeof LEVELS)[number];

export const DIMENSIONS = [
  'cognitive',
  'technical',
  'coordination',
  'data',
  'time_sensitivity',
  'quality',
  'scope',
  'risk',
] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** `rule`: the request says it. `default`: it says nothing, and this is assumed. `model`: a model was asked and said it. */
type DecidedBy = 'rule' | 'default' | 'model';

interface Finding {
  readonly level: Level;
  readonly by: DecidedBy;
  readonly reason: string;
}

/** What was found of each dimension. */
export type Findings = Readonly<Record<Dimension, Finding>>;

/** The eight dimensions and what follows from them. */
export interface Complexity extends Readonly<Record<Dimension, Level>> {
  readonly overall: Level;
  readonly decomposition_needed: boolean;
  readonly decided_by: Readonly<Record<Dimension, DecidedBy>>;
  readonly reasons: Readonly<Record<Dimension, string>>;
}

export interface ComplexityInput {
  readonly inputType: InputType;
  readonly brief: WorkflowBrief;
  readonly settings: Pick<ExecutionSettings, 'validationLevel'>;
  readonly urgency: Urgency;
}

const FEW_WORDS = 8;

/** What a request says of itself: the type of its input, how much it lists, how urgent it is, and how its answer is to be validated. */
export const assessComplexity = (input: ComplexityInput): Complexity => complexityOf(findingsOf(input));

function findingsOf({ inputType, brief, settings, urgency }: ComplexityInput): Findings {
  const parts = byCount(brief.deliverables.length, 'deliverables');
  return {
    cognitive: cognitive(inputType, brief.objective),
    technical: technical(brief.technicalRequirements),
    coordination: parts,
    data: assumed('low', 'nothing says anything of the data'),
    time_sensitivity: pressing(urgency),
    quality: quality(settings.validationLevel),
    scope: parts,
    risk: urgency === 'high' || urgency === 'critical' ? pressing(urgency) : assumed('low', 'nothing says it is risky'),
  };
}

/** Over the findings, wherever they come from. */
export function complexityOf(findings: Findings): Complexity {
  const each = <Value>(valueOf: (finding: Finding) => Value): Record<Dimension, Value> => ({
    cognitive: valueOf(findings.cognitive),
    technical: valueOf(findings.technical),
    coordination: valueOf(findings.coordination),
    data: valueOf(findings.data),
    time_sensitivity: valueOf(findings.time_sensitivity),
    quality: valueOf(findings.quality),
    scope: valueOf(findings.scope),
    risk: valueOf(findings.risk),
  });
  const levels = each(({ level }) => level);
  const overall = overallLevel(levels);
  return {
    ...levels,
    overall,
    decomposition_needed: [overall, levels.scope, levels.coordination].some(isHigh),
    decided_by: each(({ by }) => by),
    reasons: each(({ reason }) => reason),
  };
}

export const isHigh = (level: Level): boolean => level === 'high' || level === 'critical';

export const wordCount = (text: string): number => text.trim().split(/\s+/).filter(Boolean).length;

export const isPlainQuestion = (text: string): boolean => /^[^.?!\n]{1,200}\?$/.test(text.trim());

const ruled = (level: Level, reason: string): Finding => ({ level, by: 'rule', reason });
const assumed = (level: Level, reason: string): Finding => ({ level, by: 'default', reason });

function cognitive(inputType: InputType, objective: string): Finding {
  if (inputType === 'goal_workflow') return ruled('high', 'a goal is to be reached');
  const words = wordCount(objective);
  if (words <= FEW_WORDS) return ruled('low', `the objective has ${words} words`);
  if (isPlainQuestion(objective)) return ruled('low', 'it is a plain question');
  return assumed('medium', `the objective has ${words} words`);
}

function technical(requirements: readonly string[]): Finding {
  const named = requirements.find((requirement) => /\bcomplex/i.test(requirement));
  return named === undefined
    ? byCount(requirements.length, 'technical requirements')
    : ruled('high', 'a technical requirement says "complex"');
}

/** None at all says nothing of how many there are. */
function byCount(count: number, what: string): Finding {
  if (count === 0) return assumed('low', `no ${what} are given`);
  return ruled(count > 5 ? 'high' : count > 2 ? 'medium' : 'low', `${count} ${what}`);
}

function pressing(urgency: Urgency): Finding {
  const level = urgency === 'critical' ? 'high' : urgency === 'high' ? 'medium' : 'low';
  return ruled(level, `the urgency is ${urgency}`);
}

function quality(validation: ExecutionSettings['validationLevel']): Finding {
  if (validation === undefined) return assumed('low', 'no validation is asked for');
  const level = validation === 'basic' ? 'low' : validation === 'standard' ? 'medium' : 'high';
  return ruled(level, `the validation is ${validation}`);
}

/** Over all dimensions but time and quality. */
function overallLevel({
  cognitive,
  technical,
  coordination,
  data,
  scope,
  risk,
}: Readonly<Record<Dimension, Level>>): Level {
  const levels = [cognitive, technical, coordination, data, scope, risk];
  const count = (level: Level): number => levels.filter((each) => each === level).length;
  if (count('critical') >= 1 || count('high') >= 4) return 'critical';
  if (count('high') >= 2) return 'high';
  if (count('high') >= 1 || count('medium') >= 4) return 'medium';
  return 'low';
}

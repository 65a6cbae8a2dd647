import type { AnswerForm } from '../../planning/answer-form.js';
import { PLAN_SCHEMA, type PlannedSubtask } from '../../planning/plan.rules.js';

const TEXT = { type: 'string' } as const;
const TEXTS = { type: 'array', items: TEXT } as const;
const SHARE = { type: 'number', minimum: 0, maximum: 1 } as const;

const form = (name: string, properties: Readonly<Record<string, object>>): AnswerForm => ({
  name,
  unusableCode: 'COUNCIL_UNUSABLE',
  schema: { type: 'object', additionalProperties: false, required: Object.keys(properties), properties },
});

/** What a member would do. */
export const VIEW_FORM = form('view', { recommendation: TEXT, reasons: TEXTS, risks: TEXTS, confidence: SHARE });

/** What a member says to the views of the others, and where it stands now. */
export const REPLY_FORM = form('reply', {
  agreements: TEXTS,
  disagreements: TEXTS,
  recommendation: TEXT,
  risks: TEXTS,
  confidence: SHARE,
});

export interface VoteAnswer {
  readonly vote: string;
  readonly reason: string;
  readonly confidence: number;
}

const voteForms = new Map<string, AnswerForm>();

/** A vote for one of these options. The same ids give the same form. */
export function voteForm(ids: readonly string[]): AnswerForm {
  const key = ids.join('\n');
  const known =
    voteForms.get(key) ?? form('vote', { vote: { type: 'string', enum: [...ids] }, reason: TEXT, confidence: SHARE });
  voteForms.set(key, known);
  return known;
}

/** What a council comes to, beside what its vote says. */
export interface DecisionAnswer {
  readonly recommendation: string;
  readonly agreements: readonly string[];
  readonly disagreements: readonly string[];
  readonly risks: readonly string[];
  readonly confidence: number;
}

const DECISION = { recommendation: TEXT, agreements: TEXTS, disagreements: TEXTS, risks: TEXTS, confidence: SHARE };

export interface ApproachAnswer extends DecisionAnswer {
  readonly subtasks: readonly PlannedSubtask[];
}

/** A decision that can be run: its steps are the subtasks of a plan. */
export const APPROACH_FORM = form('approach', { ...DECISION, subtasks: PLAN_SCHEMA.properties.subtasks });

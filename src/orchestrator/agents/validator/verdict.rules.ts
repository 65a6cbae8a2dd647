import { cutTo } from '../../../database/cut.rules.js';
import type { AnswerForm } from '../../planning/answer-form.js';
import type { Finding } from './finding.js';

/** One of the success criteria, as it was found. */
export interface CriterionVerdict {
  readonly criterion: string;
  readonly met: boolean;
  readonly reason: string;
}

/** What a validator says of a result; bounded, so that it can stand in a checkpoint. */
export interface Verdict {
  readonly passed: boolean;
  /** 0..1 */
  readonly score: number;
  readonly findings: readonly Finding[];
  readonly criteria: readonly CriterionVerdict[];
  /** Of the validator, 0..1; null where rules alone decided. */
  readonly confidence: number | null;
}

interface VerdictAnswer {
  readonly passed: boolean;
  readonly score: number;
  readonly findings: readonly { readonly severity: 'warning' | 'error'; readonly message: string }[];
  readonly criteria: readonly CriterionVerdict[];
  readonly confidence: number;
}
export type { VerdictAnswer };

const SHARE = { type: 'number', minimum: 0, maximum: 1 } as const;

export const VERDICT_FORM: AnswerForm = {
  name: 'verdict',
  unusableCode: 'VERDICT_UNUSABLE',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['passed', 'score', 'findings', 'criteria', 'confidence'],
    properties: {
      passed: { type: 'boolean' },
      score: SHARE,
      findings: {
        type: 'array',
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['severity', 'message'],
          properties: { severity: { type: 'string', enum: ['warning', 'error'] }, message: { type: 'string' } },
        },
      },
      criteria: {
        type: 'array',
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['criterion', 'met', 'reason'],
          properties: { criterion: { type: 'string' }, met: { type: 'boolean' }, reason: { type: 'string' } },
        },
      },
      confidence: SHARE,
    },
  },
};

const MAX_FINDINGS = 20;
const MAX_MESSAGE = 400;

/** The rules the schema cannot say: every criterion is judged, in their order. */
export function verdictMistakes({ criteria }: VerdictAnswer, asked: number): string[] {
  return asked > 0 && criteria.length !== asked
    ? [`criteria must have ${asked} entries, one for each success criterion in their order, not ${criteria.length}`]
    : [];
}

/** The validator's answer with the findings of the rules. Unmet criteria are no pass, whatever the answer says. */
export function verdictOf(answer: VerdictAnswer, criteria: readonly string[], found: readonly Finding[]): Verdict {
  const judged = criteria.map((criterion, index): CriterionVerdict => {
    const { met = false, reason = '' } = answer.criteria[index] ?? {};
    return { criterion, met, reason: cutTo(reason, MAX_MESSAGE) };
  });
  return {
    passed: answer.passed && judged.every(({ met }) => met),
    score: answer.score,
    findings: bounded([
      ...found,
      ...answer.findings.map(({ severity, message }): Finding => ({ rule: 'model', severity, message })),
    ]),
    criteria: judged,
    confidence: answer.confidence,
  };
}

/** What the rules alone say. */
export const verdictOfRules = (found: readonly Finding[]): Verdict => {
  const passed = !found.some(isBlocking);
  return { passed, score: passed ? 1 : 0, findings: bounded(found), criteria: [], confidence: null };
};

export const isBlocking = ({ severity }: Finding): boolean => severity === 'error';

/** What a verdict has against a result, the worst first, as sentences. */
export const complaints = ({ findings, criteria }: Verdict): string[] => [
  ...criteria.filter(({ met }) => !met).map(({ criterion, reason }) => `Not met: ${criterion}. ${reason}`.trim()),
  ...findings.toSorted((a, b) => Number(isBlocking(b)) - Number(isBlocking(a))).map(({ message }) => message),
];

const bounded = (findings: readonly Finding[]): Finding[] =>
  findings.slice(0, MAX_FINDINGS).map((finding) => ({ ...finding, message: cutTo(finding.message, MAX_MESSAGE) }));

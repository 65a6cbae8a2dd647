/** What an answer that steers has to fit. One constant a form: its schema is compiled once. */
export interface AnswerForm {
  /** Of the output, as the provider is told it. */
  readonly name: string;
  readonly schema: object;
  /** What its failure is called when no answer fits. */
  readonly unusableCode: string;
}

/** The member, not required, in which an answer says how sure its agent is of it: 0..1. Every form should have it. */
export const CONFIDENCE_MEMBER = {
  type: 'number',
  description: 'How sure you are of this answer, from 0 to 1.',
} as const;

/** What an answer that steers has to fit. One constant a form: its schema is compiled once. */
export interface AnswerForm {
  /** Of the output, as the provider is told it. */
  readonly name: string;
  readonly schema: object;
  /** What its failure is called when no answer fits. */
  readonly unusableCode: string;
}

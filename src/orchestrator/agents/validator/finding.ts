/** Something a verdict says of a result. */
export interface Finding {
  /** The rule that found it; `model` for the validator's own. */
  readonly rule: string;
  readonly severity: 'warning' | 'error';
  readonly message: string;
}

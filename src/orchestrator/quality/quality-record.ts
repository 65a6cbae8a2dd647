import type { Finding } from '../agents/validator/finding.js';
import type { CriterionVerdict } from '../agents/validator/verdict.rules.js';
import type { ValidationLevel } from '../planning/execution-settings.rules.js';

/** What a workflow says of the quality of its result, as its metadata shows it. */
export interface QualityRecord {
  readonly validation: {
    /** Null: only rules that always run, and what the request brought along. */
    readonly level: ValidationLevel | null;
    readonly passed: boolean;
    readonly score: number;
    readonly findings: readonly Finding[];
    readonly confidence: number | null;
    /** Whether a result was mended because of a verdict and the mended one is shown. */
    readonly revised: boolean;
  };
  /** Null where the request names none. */
  readonly criteria: readonly CriterionVerdict[] | null;
}

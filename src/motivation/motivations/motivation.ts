import type { Sql } from '../../database/sql.js';
import type { OutcomeCategory } from '../tasks/motivational-task.values.js';
import type { ExecuteWorkflow } from '../../orchestrator/workflows/dto/execute-workflow.dto.js';

/** Of one category usually one task is chosen at a time. */
export const MOTIVATION_CATEGORIES = ['remedial', 'quality', 'exploratory', 'maintenance'] as const;
export type MotivationCategory = (typeof MOTIVATION_CATEGORIES)[number];

/** A motivation before it ever ran. Levels are 0..1. */
export interface MotivationDefaults {
  readonly urgency: number;
  readonly satisfaction: number;
  /** Loss of urgency in 30 s of elapsed time. */
  readonly decayRate: number;
  /** Times the boost of its condition. */
  readonly boostFactor: number;
  readonly maxUrgency: number;
}

/** What a task that ended does to the satisfaction, before it is weighed; -1..1. */
export type SatisfactionChange = Readonly<Record<OutcomeCategory, number>>;

/** Of motivations that say nothing else. */
export const USUAL_SATISFACTION_CHANGE: SatisfactionChange = { success: 0.2, partial: 0.1, failure: -0.1 };

/** A real row that a condition rests on. */
export interface EvidenceRow {
  /** workflow, tool, thought, memory … */
  readonly kind: string;
  /** Its key, as the API knows it: an id, or the name of a tool. */
  readonly id: string;
}

export interface Evidence<Row extends EvidenceRow = EvidenceRow> {
  /** How much there is, counted up to where it makes no difference any more. 0: the condition does not hold. */
  readonly count: number;
  /** One sentence for people, such as `3 workflows failed in 24 h`. */
  readonly summary: string;
  /** At most 10, the most worthwhile first. */
  readonly rows: readonly Row[];
}

/** What an evaluation tells conditions. */
export interface Outlook {
  /** By the database. */
  readonly now: Date;
  /** Autonomous work only reads; what is riskier needs approval. */
  readonly isSafe: boolean;
}

/** Work that would help. */
export interface Proposal {
  /** What it is about, unique within the motivation: `workflow:<id>`, `tool:<name>`. It is not taken again within its cooldown. */
  readonly target: string;
  /** What is to be done, naming real rows; texts that others wrote stand in it as data. */
  readonly prompt: string;
  /** Its place, budget and limits come from the spawner; `execution_preferences` (strategy, tools) may stand in `execution_context`. */
  readonly request: Pick<ExecuteWorkflow, 'input_type' | 'content' | 'execution_context' | 'domain_context'>;
}

/** A reason to work that nobody asked for. One file each; the list is in `own-motivations.ts`. */
export abstract class Motivation<Row extends EvidenceRow = EvidenceRow> {
  /** At most 100 characters of [a-z_]. */
  abstract readonly type: string;
  abstract readonly description: string;
  abstract readonly category: MotivationCategory;
  abstract readonly defaults: MotivationDefaults;
  /** Between two of its tasks. */
  readonly cooldownSeconds: number = 15 * 60;
  /** The same in test mode. */
  readonly testCooldownSeconds: number = 10;
  /** Until the same target may be taken again. */
  readonly targetCooldownSeconds: number = 24 * 3_600;
  readonly satisfactionChange: SatisfactionChange = USUAL_SATISFACTION_CHANGE;

  /**
   * Looks whether there is a reason, in every evaluation: reads that stay as fast with millions of rows (an index, and no more rows than
   * count). Targets that are taken do not count: `notTaken` of `taken-targets.sql.ts`.
   */
  abstract look(sql: Sql, outlook: Outlook): Promise<Evidence<Row>>;

  /** How much urgency the evidence gives in 30 s, 0..1, before the boost factor. Pure. */
  abstract boost(evidence: Evidence<Row>): number;

  /** What would help; undefined: nothing that NYX could do. Pure. */
  abstract propose(evidence: Evidence<Row>, outlook: Outlook): Proposal | undefined;
}

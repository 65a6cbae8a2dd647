import { Injectable } from '@nestjs/common';
import { cutTo } from '../../database/cut.rules.js';
import { ExecutorIdentity } from '../../database/executor-identity.js';
import type { Sql } from '../../database/sql.js';
import { storableJson, storableText } from '../../database/storable.js';
import type { RecordedCall } from '../run/call-judge.js';
import { type Outcome, unknown } from '../run/outcome.js';
import { recordedParameters } from './recorded-parameters.rules.js';
import type { ExecutionStatus, ToolRequest } from '../tool-run.js';

/** What may be read of a row to answer from it. */
export interface ExecutionRow {
  readonly id: string;
  readonly tool_name: string;
  readonly status: ExecutionStatus;
  readonly rule: string | null;
  readonly success: boolean | null;
  readonly output_result: unknown;
  readonly stdout: string | null;
  readonly stderr: string | null;
  readonly exit_code: number | null;
  readonly error_message: string | null;
  readonly metadata: Record<string, unknown>;
  readonly duration_ms: number | null;
  readonly claim_id: string;
  readonly is_reported: boolean;
}

/** Who runs which call under which id. A claim is one attempt at it by one process. */
export interface Claim {
  readonly executionId: string;
  readonly claimId: string;
  readonly request: ToolRequest;
  readonly call: RecordedCall;
}

const ROW = `id, tool_name, status, rule, success, output_result, stdout, stderr, exit_code, error_message, metadata,
  duration_ms, claim_id, is_reported`;

const MAX_NAME_LENGTH = 100;
const LOST = 'The process that ran it ended before it said what came of it: nobody knows whether it acted.';

/** Still open: it runs, or nobody knows what came of it and nobody has been told so. */
const OPEN = `(status = 'running' OR (status = 'unknown' AND NOT is_reported))`;

const INSERT = `
  INSERT INTO tool_executions (id, claim_id, executor_id, principal_id, workflow_id, agent_id, thought_tree_id, tool_name, tool_class,
    input_parameters, arguments_hash, status, rule, success, output_result, stdout, stderr, exit_code, error_message, metadata,
    duration_ms, started_at, completed_at, is_reported)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb, $11, $12::text, $13, $14, $15::jsonb, $16, $17, $18, $19, $20::jsonb,
    $21::integer, clock_timestamp() - make_interval(secs => coalesce($21::integer, 0) / 1000.0),
    CASE WHEN $12::text = 'running' THEN NULL ELSE clock_timestamp() END, $12::text <> 'running')
  ON CONFLICT (id) DO NOTHING
  RETURNING id`;

/** The rows of tool_executions: one per run, from before anything is done that cannot be undone. */
@Injectable()
export class ExecutionLog {
  constructor(private readonly executor: ExecutorIdentity) {}

  async find(sql: Sql, id: string): Promise<ExecutionRow | undefined> {
    const [row] = await sql.query<ExecutionRow>(`SELECT ${ROW} FROM tool_executions WHERE id = $1`, [id]);
    return row;
  }

  /** @returns false when there is a row of this id */
  async open(tx: Sql, claim: Claim): Promise<boolean> {
    return this.insert(tx, claim, undefined, null);
  }

  /**
   * A run that was not claimed before it ended, or a call that was refused. @returns false when there is a row of this id
   * @param durationMs null: it was not run
   */
  async add(tx: Sql, claim: Claim, outcome: Outcome, durationMs: number | null): Promise<boolean> {
    return this.insert(tx, claim, outcome, durationMs);
  }

  /**
   * Ends what this claim opened; also when it was taken for lost meanwhile and nobody was told. @returns false when it is not this claim's any more
   * @param isReported whether the caller's rows are written in the same transaction
   */
  async end(
    sql: Sql,
    { executionId, claimId }: Pick<Claim, 'executionId' | 'claimId'>,
    outcome: Outcome,
    durationMs: number | null,
    isReported: boolean,
  ): Promise<boolean> {
    const rows = await sql.query(
      `UPDATE tool_executions SET status = $3, rule = $4, success = $5, output_result = $6::jsonb, stdout = $7, stderr = $8,
         exit_code = $9, error_message = $10, metadata = metadata || $11::jsonb, duration_ms = $12, completed_at = clock_timestamp(),
         is_reported = $13
       WHERE id = $1 AND claim_id = $2 AND ${OPEN} RETURNING id`,
      [executionId, claimId, ...endingOf(outcome), durationMs, isReported],
    );
    return rows.length > 0;
  }

  /** Another attempt at an open run. @returns false when it is not open any more */
  async reclaim(tx: Sql, { executionId, claimId }: Claim, earlierClaimId: string): Promise<boolean> {
    const rows = await tx.query(
      `UPDATE tool_executions SET status = 'running', success = NULL, error_message = NULL, completed_at = NULL,
         claim_id = $2, executor_id = $4, retry_count = retry_count + 1
       WHERE id = $1 AND claim_id = $3 AND ${OPEN} RETURNING id`,
      [executionId, claimId, earlierClaimId, this.executor.id],
    );
    return rows.length > 0;
  }

  /** Whoever changes the run at this moment is waited for: the condition of a statement that follows would not see it. */
  async lock(tx: Sql, id: string): Promise<void> {
    await tx.query('SELECT id FROM tool_executions WHERE id = $1 FOR UPDATE', [id]);
  }

  /** @returns false when somebody else did */
  async report(tx: Sql, id: string): Promise<boolean> {
    const rows = await tx.query(
      `UPDATE tool_executions SET is_reported = true WHERE id = $1 AND NOT is_reported AND status <> 'running' RETURNING id`,
      [id],
    );
    return rows.length > 0;
  }

  /** Takes back a claim whose tool was not begun. */
  async forget(tx: Sql, { executionId, claimId }: Claim): Promise<void> {
    await tx.query(`DELETE FROM tool_executions WHERE id = $1 AND claim_id = $2 AND status = 'running'`, [
      executionId,
      claimId,
    ]);
  }

  /** What executors left that are gone. A run of an agent stays open for its step, which a living one runs again. May be repeated. */
  async abandonLost(sql: Sql): Promise<void> {
    await sql.query(
      `UPDATE tool_executions SET status = 'unknown', success = false, error_message = $1, completed_at = clock_timestamp()
       WHERE status = 'running' AND NOT EXISTS (
         SELECT FROM executors e WHERE e.id = tool_executions.executor_id AND e.status IN ('live', 'draining'))`,
      [LOST],
    );
  }

  private async insert(
    tx: Sql,
    { executionId, claimId, request, call }: Claim,
    outcome: Outcome | undefined,
    durationMs: number | null,
  ): Promise<boolean> {
    const { caller, attribution } = request;
    const isAgent = caller.kind === 'agent';
    const noted = call.parameters === undefined ? { parameters_omitted: true } : {};
    const ending =
      outcome === undefined ? NOT_ENDED : endingOf({ ...outcome, metadata: { ...outcome.metadata, ...noted } });
    const rows = await tx.query(INSERT, [
      executionId,
      claimId,
      this.executor.id,
      caller.principalId,
      isAgent ? caller.workflowId : null,
      (isAgent ? caller.agentId : attribution?.agentId) ?? null,
      (isAgent ? caller.thoughtId : attribution?.thoughtId) ?? null,
      nameOf(call.toolName),
      nameOf(call.toolClass),
      storableJson(recordedParameters(call.parameters ?? {})),
      call.argumentsHash ?? null,
      ...ending,
      durationMs,
    ]);
    return rows.length > 0;
  }
}

/** Its process is gone, or somebody else's step has it now. */
export const lostOutcome = unknown(LOST);

const NOT_ENDED = ['running', null, null, null, null, null, null, null, '{}'];

const endingOf = (outcome: Outcome): unknown[] => [
  outcome.status,
  outcome.rule === undefined ? null : nameOf(outcome.rule),
  outcome.success,
  storableJson(outcome.output ?? null),
  outcome.stdout ?? null,
  outcome.stderr ?? null,
  outcome.exitCode ?? null,
  outcome.errorMessage ?? null,
  storableJson(outcome.metadata ?? {}),
];

const nameOf = (text: string): string => cutTo(storableText(text), MAX_NAME_LENGTH);

import { Injectable } from '@nestjs/common';
import { afterCommit } from '../../database/after-commit.js';
import type { Sql } from '../../database/sql.js';
import type { EndedSpan } from '../../telemetry/ended-span.js';
import { Metrics } from '../../telemetry/metrics.js';
import {
  agentSpanId,
  traceOfWorkflow,
  workflowSpanId,
  type TraceContext,
} from '../../telemetry/trace-context.rules.js';
import { Tracing } from '../../telemetry/tracing.js';
import {
  ENDED_STATUSES,
  STRATEGIES,
  WORKFLOW_ORIGINS,
  type InputType,
  type StrategyName,
  type WorkflowOrigin,
  type WorkflowStatus,
} from '../workflows/workflow.values.js';

/** Of a workflow that ended before one was chosen. */
const NO_STRATEGY = 'none';

/** What a statement that ends a workflow answers of it. */
export const ENDED_COLUMNS = `id, status, strategy, origin, input_type, error_code, retries, traceparent, created_at, completed_at`;

export interface EndedRow {
  readonly id: string;
  readonly status: WorkflowStatus;
  readonly strategy: StrategyName | null;
  readonly origin: WorkflowOrigin;
  readonly input_type: InputType;
  readonly error_code: string | null;
  readonly retries: number;
  readonly traceparent: string | null;
  readonly created_at: Date;
  readonly completed_at: Date;
}

interface AgentRow {
  readonly id: string;
  readonly thought_id: string;
  readonly agent_type: string;
  readonly agent_class: string;
  readonly status: string;
  readonly error_code: string | null;
  readonly began_at: Date;
  readonly completed_at: Date;
}

/** Metrics and spans of workflows and their agents, when the transaction that changes them has committed. */
@Injectable()
export class WorkflowTelemetry {
  constructor(
    private readonly metrics: Metrics,
    private readonly tracing: Tracing,
  ) {
    const { ended } = metrics.workflows;
    for (const status of ENDED_STATUSES)
      for (const strategy of [...STRATEGIES, NO_STRATEGY])
        for (const origin of WORKFLOW_ORIGINS) ended.inc({ status, strategy, origin }, 0);
  }

  started(tx: Sql, origin: WorkflowOrigin, inputType: InputType): void {
    afterCommit(tx, () => this.metrics.workflows.started.inc({ origin, input_type: inputType }));
  }

  /** Of the rows that end a workflow the last: agents have their end by then. */
  async ended(tx: Sql, row: EndedRow): Promise<void> {
    const spans = this.tracing.isOn ? await this.spansOf(tx, row) : [];
    afterCommit(tx, () => {
      const { ended, seconds } = this.metrics.workflows;
      const { status, origin } = row;
      const strategy = row.strategy ?? NO_STRATEGY;
      ended.inc({ status, strategy, origin });
      seconds.observe({ status, strategy }, (row.completed_at.getTime() - row.created_at.getTime()) / 1000);
      for (const span of spans) this.tracing.record(span);
    });
  }

  /**
   * The workflow, and the agents of this run of it. They are recorded now and not as each one ends, so that whatever stands below them,
   * from whichever replica, has its parent in the trace of a workflow that ended.
   */
  private async spansOf(tx: Sql, row: EndedRow): Promise<EndedSpan[]> {
    const context = traceOfWorkflow(row.id, row.traceparent);
    if (!context.isSampled) return [];
    const [begun] = await tx.query<{ at: Date | null }>(
      `SELECT max(at) AS at FROM workflow_events WHERE workflow_id = $1 AND type = 'workflow.retried'`,
      [row.id],
    );
    const beganAt = begun?.at ?? row.created_at;
    const agents = await tx.query<AgentRow>(
      `SELECT a.id, a.thought_tree_id AS thought_id, a.agent_type, a.agent_class, a.status, a.completed_at,
              a.state->'result'->'error'->>'code' AS error_code, greatest(a.created_at, $2::timestamptz) AS began_at
         FROM thought_trees t JOIN agents a ON a.thought_tree_id = t.id
        WHERE t.root_id = $1 AND a.completed_at >= $2::timestamptz`,
      [row.id, beganAt],
    );
    return [workflowSpan(row, context, beganAt), ...agents.map((agent) => agentSpan(row, context, agent))];
  }
}

const workflowSpan = (row: EndedRow, context: TraceContext, beganAt: Date): EndedSpan => ({
  context,
  spanId: workflowSpanId(row.id, row.retries),
  name: `workflow ${row.input_type}`,
  kind: 'internal',
  startMs: beganAt.getTime(),
  endMs: row.completed_at.getTime(),
  attributes: {
    'gen_ai.operation.name': 'invoke_workflow',
    'nyx.workflow.id': row.id,
    'nyx.workflow.status': row.status,
    'nyx.workflow.strategy': row.strategy ?? undefined,
    'nyx.workflow.origin': row.origin,
    'nyx.workflow.retry': row.retries,
  },
  ...(row.status !== 'completed' && { errorType: row.error_code ?? row.status }),
});

const agentSpan = (row: EndedRow, context: TraceContext, agent: AgentRow): EndedSpan => ({
  context: { ...context, spanId: workflowSpanId(row.id, row.retries) },
  spanId: agentSpanId(agent.id, row.retries),
  name: `invoke_agent ${agent.agent_type}`,
  kind: 'internal',
  startMs: agent.began_at.getTime(),
  endMs: agent.completed_at.getTime(),
  attributes: {
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.agent.id': agent.id,
    'gen_ai.agent.name': agent.agent_type,
    'nyx.agent.class': agent.agent_class,
    'nyx.agent.status': agent.status,
    'nyx.thought.id': agent.thought_id,
    'nyx.workflow.id': row.id,
  },
  ...(agent.status !== 'completed' && { errorType: agent.error_code ?? agent.status }),
});

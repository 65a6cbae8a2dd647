import { Injectable } from '@nestjs/common';
import { afterCommit } from '../../database/after-commit.js';
import type { Sql } from '../../database/sql.js';
import { Metrics } from '../../telemetry/metrics.js';
import { derivedSpanId } from '../../telemetry/trace-context.rules.js';
import { Tracing } from '../../telemetry/tracing.js';
import { callContext } from '../../telemetry/work-context.js';
import { ToolRegistry } from '../tool-registry.js';
import type { Claim } from '../executions/execution-log.js';
import type { Outcome } from './outcome.js';

/** Metrics and spans of the calls of tools, when what came of them has committed. */
@Injectable()
export class RunTelemetry {
  constructor(
    private readonly registry: ToolRegistry,
    private readonly metrics: Metrics,
    private readonly tracing: Tracing,
  ) {}

  /** @param durationMs null: it was not run */
  ended(tx: Sql, claim: Claim, outcome: Outcome, durationMs: number | null): void {
    const { caller } = claim.request;
    const context = callContext(caller.kind === 'agent' ? caller.agentId : undefined);
    const tool = this.registry.labelOf(claim.call.toolName);
    const endMs = Date.now();
    afterCommit(tx, () => {
      const { runs, seconds } = this.metrics.tools;
      runs.inc({ tool, outcome: outcome.status });
      if (durationMs !== null) seconds.observe({ tool }, durationMs / 1000);
      if (context === undefined) return;
      this.tracing.record({
        context,
        spanId: derivedSpanId('tool', claim.executionId),
        name: `execute_tool ${tool}`,
        kind: 'internal',
        startMs: endMs - (durationMs ?? 0),
        endMs,
        attributes: {
          'gen_ai.operation.name': 'execute_tool',
          'gen_ai.tool.name': tool,
          'gen_ai.tool.type': 'function',
          'nyx.execution.id': claim.executionId,
          'nyx.tool.outcome': outcome.status,
          'nyx.workflow.id': caller.kind === 'agent' ? caller.workflowId : undefined,
        },
        ...(outcome.status !== 'succeeded' && { errorType: outcome.rule ?? outcome.status }),
      });
    });
  }
}

import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { Attributions } from '../../auth/attributions.js';
import type { Owner } from '../../auth/owner.js';
import type { Principal } from '../../auth/principal.js';
import { Database } from '../../database/database.service.js';
import { departureOf } from '../../http/event-stream.js';
import { IdempotencyService } from '../../http/idempotency/idempotency.service.js';
import type { IdempotencyClaim } from '../../http/idempotency/idempotency.store.js';
import type { Plain } from '../../http/plain.js';
import { invalid } from '../../http/problem.js';
import { validationPipe } from '../../http/validation.js';
import { ToolRunner } from '../tool-runner.js';
import type { ToolExecution, ToolRequest } from '../tool-run.js';
import { type ExecuteQuery, ExecuteRequest, type ExecuteResponse } from './execute.dto.js';

const NEVER = new AbortController().signal;

/** A run of a tool for a person or a program. */
@Injectable()
export class ExecuteService {
  private readonly pipe = validationPipe();

  constructor(
    private readonly runner: ToolRunner,
    private readonly database: Database,
    private readonly idempotency: IdempotencyService,
    private readonly attributions: Attributions,
  ) {}

  /**
   * Stops the tool when the client goes away, unless it has a key to come back with.
   * @param owner whose thoughts and agents may be named
   * @throws what `ToolRunner.run` throws; Problem VALIDATION_ERROR
   */
  async execute(
    query: ExecuteQuery,
    body: unknown,
    caller: Principal,
    owner: Owner,
    key: IdempotencyClaim | undefined,
    response: Response,
  ): Promise<Plain<ExecuteResponse>> {
    const gone = departureOf(response);
    const given = await this.requestOf(query, body);
    const attribution = { thoughtId: given.thought_tree_id ?? undefined, agentId: given.agent_id ?? undefined };
    await this.attributions.require(attribution, owner);
    const request: ToolRequest = {
      toolName: given.tool_name,
      parameters: given.parameters,
      caller: { kind: 'person', principalId: caller.id, role: caller.role },
      attribution,
      signal: key === undefined ? gone : NEVER,
      executionId: key && (await this.boundId(key)),
    };
    return responseOf(await this.runner.run(request));
  }

  private requestOf({ tool_name: toolName, ...ids }: ExecuteQuery, body: unknown): Promise<ExecuteRequest> {
    if (toolName !== undefined) {
      const parameters = (body ?? {}) as ExecuteRequest['parameters'];
      return Promise.resolve({ tool_name: toolName, parameters, ...ids });
    }
    for (const [name, id] of Object.entries(ids) as [string, string | undefined][]) {
      if (id !== undefined) throw invalid(name, 'stands in the query only beside tool_name');
    }
    return this.pipe.transform(body ?? {}, { type: 'body', metatype: ExecuteRequest }) as Promise<ExecuteRequest>;
  }

  /** The key's own run, before it begins: who comes again with the key, after a crash, finds it. */
  private async boundId(key: IdempotencyClaim): Promise<string> {
    const { id } = await this.database.transaction((tx) => this.idempotency.bind(tx, key));
    return id;
  }
}

const responseOf = (execution: ToolExecution): Plain<ExecuteResponse> => ({
  success: execution.success,
  output: execution.output,
  error_message: execution.errorMessage ?? null,
  execution_time_ms: execution.durationMs,
  metadata: { ...execution.metadata, ...(execution.exitCode !== undefined && { exit_code: execution.exitCode }) },
  stdout: execution.stdout ?? null,
  stderr: execution.stderr ?? null,
  execution_id: execution.executionId,
});

import { setTimeout as sleep } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { stackOf } from '../config/error-code.js';
import { newId } from '../database/ids.js';
import { Problem } from '../http/problem.js';
import { RuntimeSettings } from '../settings/runtime-settings.js';
import type { Claim, ExecutionRow } from './executions/execution-log.js';
import { CallJudge, type AllowedCall, type CallQuestion, type Judgement } from './run/call-judge.js';
import { outcomeOf, type Outcome, OVERLOADED, unknown } from './run/outcome.js';
import { executionOf, RunClaims } from './run/run-claims.js';
import { withTimeLimit, type TimedOutcome } from './run/time-limit.js';
import { ToolAborted, type ToolExecution, type ToolRequest } from './tool-run.js';
import type { ToolContext, ToolResult } from './tool.js';
import { Workspaces } from './workspace/workspaces.js';

/** A tool that was told to stop may clean up for this long; then it is answered without it. */
const GRACE_MS = 2_000;
/** Runs of people go on for this long while NYX stops. Those of agents are the durable room's to stop. */
const SHUTDOWN_PATIENCE_MS = 10_000;
/** Then they have been told to stop, and what they did is written, unless the database is away: a sweep ends those as unknown. */
const SHUTDOWN_MOST_MS = 13_000;

const NEVER = new AbortController().signal;
const STOPPED = 'It was stopped before it ended: nobody can say how far it came.';

/** The one way to a tool, for people and agents alike: valid, allowed, on record, bounded in time. */
@Injectable()
export class ToolRunner implements BeforeApplicationShutdown {
  private readonly logger = new Logger(ToolRunner.name);
  private readonly running = new Map<string, Promise<unknown>>();
  private readonly ofPeople = new Set<Promise<unknown>>();
  private readonly shutdown = new AbortController();

  constructor(
    private readonly judge: CallJudge,
    private readonly claims: RunClaims,
    private readonly settings: RuntimeSettings,
    private readonly workspaces: Workspaces,
  ) {}

  async beforeApplicationShutdown(): Promise<void> {
    const patience = setTimeout(() => this.shutdown.abort(), SHUTDOWN_PATIENCE_MS);
    await Promise.race([Promise.all(this.ofPeople), sleep(SHUTDOWN_MOST_MS, undefined, { ref: false })]);
    clearTimeout(patience);
  }

  /** What a person has to be asked before this call may be run; undefined: it needs nobody, or cannot be run in any case. */
  questionOf(request: Pick<ToolRequest, 'toolName' | 'parameters' | 'caller'>): CallQuestion | undefined {
    const judgement = this.judge.judge({ ...request, signal: NEVER });
    return judgement.kind === 'answer' ? judgement.question : undefined;
  }

  /**
   * A call of an agent that may not be or makes no sense ends as an execution that was refused; a person gets the problem.
   * @throws Problem UNKNOWN_TOOL, VALIDATION_ERROR, TOOL_REFUSED, RATE_LIMITED, OVERLOADED, SANDBOX_UNAVAILABLE, TOOL_UNAVAILABLE (all for people
   * only), DATABASE_UNAVAILABLE; ToolAborted (for agents only) when the signal aborted; whatever the fence or `commit` throws
   */
  async run(request: ToolRequest): Promise<ToolExecution> {
    const executionId = request.executionId ?? newId();
    // Whoever comes second answers from what the first one wrote.
    while (this.running.has(executionId)) await this.running.get(executionId);
    const work = this.once(request, executionId);
    const ended = work.catch(() => undefined);
    this.running.set(executionId, ended);
    if (request.caller.kind === 'person') this.ofPeople.add(ended);
    try {
      const execution = await work;
      if (request.caller.kind === 'person' && execution.status === 'refused') throw refusalOf(execution);
      return execution;
    } finally {
      this.running.delete(executionId);
      this.ofPeople.delete(ended);
    }
  }

  /** Over when an attempt says what came of the call; one whose id turns out to be taken looks what stands there. */
  private async once(request: ToolRequest, executionId: string): Promise<ToolExecution> {
    for (let attempt = 0; ; attempt += 1) {
      if (request.signal.aborted) throw abortedBefore(request);
      const mayBeTaken = attempt > 0 || request.executionId !== undefined;
      const earlier = mayBeTaken ? await this.claims.find(executionId) : undefined;
      if (earlier?.is_reported === true) return executionOf(earlier);
      // No fence says whose a person's run is: two processes would take it from each other for ever.
      const isTakenOver = attempt > 0 && earlier?.status === 'running';
      if (isTakenOver && request.caller.kind === 'person') return executionOf(earlier);
      const judgement = this.judge.judge(request);
      const execution = await (earlier === undefined
        ? this.first(request, executionId, judgement)
        : this.again(request, earlier, judgement));
      if (execution !== undefined) return execution;
    }
  }

  private async first(
    request: ToolRequest,
    executionId: string,
    judgement: Judgement,
  ): Promise<ToolExecution | undefined> {
    const claim: Claim = { executionId, claimId: newId(), request, call: judgement.call };
    if (judgement.kind === 'answer') {
      if (request.caller.kind === 'person' && judgement.problem !== undefined) throw judgement.problem;
      return this.claims.refuse(claim, judgement.outcome);
    }
    if (judgement.call.isRead) return this.read(claim, judgement.call);
    const claimed = await this.claims.claim(claim);
    return claimed === 'claimed' ? this.runClaimed(claim, judgement.call) : claimed;
  }

  /** A read that dies has done nothing, so it needs no claim: one commit instead of two. */
  private async read(claim: Claim, call: AllowedCall): Promise<ToolExecution | undefined> {
    const refusal = await this.claims.look(claim);
    if (refusal !== undefined) return this.claims.refuse(claim, refusal);
    const { outcome, durationMs, wasAborted } = await this.timed(claim, call);
    if (wasAborted) throw new ToolAborted(claim.request.signal.reason);
    return this.claims.addRead(claim, outcome, durationMs);
  }

  private async runClaimed(claim: Claim, call: AllowedCall): Promise<ToolExecution | undefined> {
    const { outcome, durationMs, wasAborted } = await this.timed(claim, call);
    if (!wasAborted) return this.claims.end(claim, outcome, durationMs);
    await this.claims.endUnreported(claim, unknown(STOPPED), durationMs);
    throw new ToolAborted(claim.request.signal.reason);
  }

  /** The step was entered before, and its end was not reported. */
  private async again(
    request: ToolRequest,
    earlier: ExecutionRow,
    judgement: Judgement,
  ): Promise<ToolExecution | undefined> {
    const claim: Claim = { executionId: earlier.id, claimId: newId(), request, call: judgement.call };
    if (earlier.status !== 'running' && earlier.status !== 'unknown') return this.claims.report(claim, earlier);
    if (judgement.kind === 'answer' || !judgement.call.isRepeatable) return this.claims.giveUp(claim, earlier);
    const claimed = await this.claims.reclaim(claim, earlier);
    return claimed === 'claimed' ? this.runClaimed(claim, judgement.call) : undefined;
  }

  private async timed(
    { executionId, request }: Claim,
    call: AllowedCall,
  ): Promise<{ outcome: Outcome; durationMs: number; wasAborted: boolean }> {
    const { tool, parameters } = call;
    const isPerson = request.caller.kind === 'person';
    const timeoutMs = tool.timeoutMs ?? this.settings.toolTimeoutSeconds * 1000;
    const limits = {
      timeoutMs,
      graceMs: GRACE_MS,
      caller: request.signal,
      shutdown: isPerson ? this.shutdown.signal : NEVER,
    };
    const startedAt = performance.now();
    const timed = await withTimeLimit(
      (signal) => tool.run(parameters, this.contextOf(request, executionId, timeoutMs, signal)),
      limits,
    );
    const report = (error: unknown): void =>
      this.logger.error(`${tool.name} failed (${executionId}): ${stackOf(error)}`);
    return {
      outcome: outcomeOf(timed, timeoutMs, report),
      durationMs: Math.round(performance.now() - startedAt),
      wasAborted: !isPerson && timed.stopped === 'caller' && !hasSucceeded(timed),
    };
  }

  private contextOf({ caller }: ToolRequest, executionId: string, timeoutMs: number, signal: AbortSignal): ToolContext {
    const { workspaces } = this;
    return {
      executionId,
      caller,
      onBehalfOf: caller.kind === 'agent' ? caller.workflowId : caller.principalId,
      timeoutMs,
      signal,
      // Not before it is asked for: most tools need no files.
      get workspace() {
        return workspaces.of(caller.principalId);
      },
    };
  }
}

const hasSucceeded = (timed: TimedOutcome<ToolResult>): boolean => 'value' in timed && timed.value.success;

const abortedBefore = ({ caller, signal }: ToolRequest): Error =>
  caller.kind === 'agent'
    ? new ToolAborted(signal.reason)
    : new Problem('REQUEST_TIMEOUT', 'The caller went away before the tool began.');

function refusalOf({ rule, errorMessage, metadata, executionId }: ToolExecution): Problem {
  const detail = errorMessage ?? 'The tool was refused.';
  const extensions = { rule, execution_id: executionId };
  const { retry_after_seconds: retryAfter } = metadata ?? {};
  if (typeof retryAfter !== 'number') return new Problem('TOOL_REFUSED', detail, { extensions });
  const code = rule === OVERLOADED ? 'OVERLOADED' : 'RATE_LIMITED';
  return new Problem(code, detail, { extensions, retryAfterSeconds: retryAfter });
}

import { Injectable, Logger } from '@nestjs/common';
import { cutTo } from '../../database/cut.rules.js';
import { bodyHash } from '../../http/idempotency/body-hash.rules.js';
import { Problem } from '../../http/problem.js';
import { validationProblem } from '../../http/validation.js';
import { outOfBounds } from '../parameters/parameters.rules.js';
import { decide } from '../policy/policy.rules.js';
import { Sandbox } from '../sandbox/sandbox.js';
import { ToolRegistry, type RegisteredTool } from '../tool-registry.js';
import type { ToolRequest } from '../tool-run.js';
import type { ParameterError, Tool, ToolRisk } from '../tool.js';
import { failed, refused, type Outcome } from './outcome.js';

type Parameters = Readonly<Record<string, unknown>>;

/** What is written down of a call, whatever comes of it. */
export interface RecordedCall {
  readonly toolName: string;
  readonly toolClass: string;
  /** Undefined: not of a kind that can be kept. */
  readonly parameters: Parameters | undefined;
  readonly argumentsHash: string | undefined;
}

/** A call that may be run, as far as can be said without counting calls. */
export interface AllowedCall extends RecordedCall {
  readonly tool: Tool;
  readonly parameters: Parameters;
  readonly isRepeatable: boolean;
  /** It only reads: dying in the middle leaves nothing behind. */
  readonly isRead: boolean;
}

export type Judgement =
  | { readonly kind: 'run'; readonly call: AllowedCall }
  /** It is not run; with a `problem`, people get that and nothing is written. */
  | {
      readonly kind: 'answer';
      readonly call: RecordedCall;
      readonly outcome: Outcome;
      readonly problem?: Problem;
      /** It may be run as soon as somebody agrees. */
      readonly question?: CallQuestion;
    };

/** What a person is asked who has to agree to a call. */
export interface CallQuestion {
  readonly argumentsHash: string;
  readonly risk: ToolRisk;
  readonly reason: string;
}

/** Whether a call is one: of a tool there is, with valid parameters, that can be used, by somebody who may. */
@Injectable()
export class CallJudge {
  private readonly logger = new Logger(CallJudge.name);

  constructor(
    private readonly registry: ToolRegistry,
    private readonly sandbox: Sandbox,
  ) {}

  judge(request: ToolRequest): Judgement {
    const registered = this.registry.registered(request.toolName);
    if (registered === undefined) return this.judgeUnknown(request);
    try {
      return this.judgeKnown(request, registered);
    } catch (error) {
      this.logger.error(`${request.toolName} could not be asked about its call: ${String(error)}`);
      const outcome = failed('The tool failed for a reason that it did not foresee.');
      return { kind: 'answer', call: recorded(request, registered.tool), outcome };
    }
  }

  /** After a start it takes a moment until a server has said which tools it has: until then none of its tools is unknown. */
  private judgeUnknown(request: ToolRequest): Judgement {
    const tool = this.registry.standInFor(request.toolName);
    if (tool === undefined) return unknownTool(request);
    return this.unavailable({ ...recorded(request, tool), tool }, tool.availability().reason ?? '');
  }

  private judgeKnown(request: ToolRequest, { tool, parameterErrors }: RegisteredTool): Judgement {
    const { caller } = request;
    const bySchema = parameterErrors(request.parameters);
    const parameters = request.parameters as Parameters;
    const errors = bySchema.length > 0 ? bySchema : tool.check(parameters);
    if (errors.length > 0) return invalidParameters(recorded(request, tool), errors);
    const argumentsHash = bodyHash({ tool: tool.name, parameters });
    const risk = tool.riskOf(parameters);
    const isRepeatable = tool.isRepeatable(parameters);
    const call = { ...recorded(request, tool), tool, parameters, argumentsHash, isRepeatable };
    const { available, reason = 'It cannot be used here and now.' } = tool.availability();
    if (!available) return this.unavailable(call, reason);
    const { name: toolName, isForThoseWhoNameIt } = tool;
    const decision = decide({ toolName, risk, argumentsHash, caller, isForThoseWhoNameIt });
    switch (decision.kind) {
      case 'allow':
        return { kind: 'run', call: { ...call, isRead: isRepeatable && risk === 'read' } };
      case 'refuse':
        return { kind: 'answer', call, outcome: refused(decision.rule, decision.reason) };
      case 'needs_approval': {
        const metadata = { approval_hash: decision.argumentsHash };
        const question = { argumentsHash: decision.argumentsHash, risk, reason: decision.reason };
        return { kind: 'answer', call, outcome: refused('approval_required', decision.reason, metadata), question };
      }
    }
  }

  /** A tool that runs programs has no other way than the sandbox. */
  private unavailable(call: RecordedCall & { readonly tool: Tool }, reason: string): Judgement {
    const needsSandbox = call.tool.risk === 'execute' && !this.sandbox.availability().available;
    const code = needsSandbox ? 'SANDBOX_UNAVAILABLE' : 'TOOL_UNAVAILABLE';
    return {
      kind: 'answer',
      call,
      outcome: refused(code.toLowerCase(), `${call.toolName} cannot be used: ${reason}`),
      problem: new Problem(code, `${call.toolName} cannot be used: ${reason}`),
    };
  }
}

function unknownTool(request: ToolRequest): Judgement {
  const message = `There is no tool ${JSON.stringify(cutTo(request.toolName, 100))}.`;
  const problem = new Problem('UNKNOWN_TOOL', message);
  return { kind: 'answer', call: recorded(request, undefined), outcome: refused('unknown_tool', message), problem };
}

function invalidParameters(call: RecordedCall, errors: readonly ParameterError[]): Judgement {
  const fields = errors.map(({ field, message }) => `${field} ${message}`).join('; ');
  return {
    kind: 'answer',
    call,
    outcome: refused('invalid_parameters', `The parameters are not valid: ${fields}.`, { errors }),
    problem: validationProblem(errors),
  };
}

function recorded({ toolName, parameters }: ToolRequest, tool: Tool | undefined): RecordedCall {
  const canBeKept = outOfBounds(parameters) === undefined;
  return {
    toolName,
    toolClass: tool?.constructor.name ?? 'unknown',
    parameters: canBeKept ? (parameters as Parameters) : undefined,
    argumentsHash: undefined,
  };
}

import { Injectable } from '@nestjs/common';
import { Isolation } from '../../auth/isolation.js';
import { cutTo } from '../../database/cut.rules.js';
import type { Transaction } from '../../database/sql.js';
import { storableJson } from '../../database/storable.js';
import { Durable } from '../../durable/durable.service.js';
import { EventFeed } from '../../events/event-feed.js';
import { EventLog } from '../../events/event-log.js';
import { currentRequestId } from '../../http/request-context.js';
import { validationProblem } from '../../http/validation.js';
import { workflowScope } from '../../llm/budget/budget.rules.js';
import { BudgetService } from '../../llm/budget/budget.service.js';
import { formatTraceparent } from '../../telemetry/trace-context.rules.js';
import { currentWork } from '../../telemetry/work-context.js';
import { readSuccessCriteria } from '../agents/validator/quality-request.rules.js';
import { InputErrors } from '../planning/input-fields.rules.js';
import type { Inheritance } from '../planning/inputs/inheritance.js';
import { sourcesOf } from '../planning/inputs/inheritance.rules.js';
import { readRequest } from '../planning/inputs/request.rules.js';
import { RUN_WORKFLOW } from '../run/workflow-runner.js';
import { WorkflowTelemetry } from '../run/workflow-telemetry.js';
import type { ExecuteWorkflow } from './dto/execute-workflow.dto.js';
import { queuePriority } from './queue-priority.rules.js';
import { MAX_GOAL_LENGTH, type CheckedRequest } from './request-check.service.js';
import { WorkflowParents } from './workflow-parents.service.js';
import type { WorkflowOrigin } from './workflow.values.js';

/** Why a workflow is there. */
export interface Origination {
  readonly principalId: string;
  readonly origin: WorkflowOrigin;
  readonly scheduleId?: string;
  readonly triggerId?: string;
  /** Its agents only read without asking. */
  readonly isReadOnly?: boolean;
  /** What it is called, where that is not its objective. */
  readonly goal?: string;
}

/** Takes a workflow in: its row, first event, budget and durable row in one transaction, so a crash leaves all or nothing. */
@Injectable()
export class WorkflowAcceptance {
  constructor(
    private readonly durable: Durable,
    private readonly events: EventLog,
    private readonly feed: EventFeed,
    private readonly budget: BudgetService,
    private readonly parents: WorkflowParents,
    private readonly isolation: Isolation,
    private readonly telemetry: WorkflowTelemetry,
  ) {}

  /** To be called when the transaction of `write` has committed. */
  begun(workflowId: string): void {
    this.durable.kick();
    this.feed.announce(workflowId);
  }

  /**
   * All that a new workflow is, in the caller's transaction: it runs if and only if that commits. Call `begun` then.
   * @throws Problem VALIDATION_ERROR, before anything is written, when what it continues is not there, has not ended, or
   * has more to check than fits with what this has
   */
  async write(
    tx: Transaction,
    id: string,
    { request, goal: ownGoal, continuation, maxCostUsd, warnings }: CheckedRequest,
    { principalId, origin, scheduleId, triggerId, isReadOnly = false, goal: givenGoal = ownGoal }: Origination,
  ): Promise<void> {
    const { priority = 'medium', urgency = 'normal' } = request;
    const [traceparent, requestId] = origin === 'user' ? [callerTrace(), currentRequestId()] : [];
    const path = continuationPath(request);
    // NYX of its own accord goes on with anybody's.
    const owner = origin === 'motivation' ? undefined : this.isolation.ownerForWorkOf(principalId);
    const inherited =
      continuation === undefined ? undefined : await this.parents.inherit(tx, continuation, path, owner);
    if (inherited !== undefined) checkTogether(request, inherited, path);
    const goal = cutTo(givenGoal || (inherited?.objective ?? ''), MAX_GOAL_LENGTH);
    await tx.query(
      `WITH workflow AS (
         INSERT INTO workflows (id, principal_id, input_type, content, execution_context, domain_context, user_context,
                                historical_context, priority, urgency, goal, max_cost_usd, warnings, origin,
                                parent_workflow_id, inheritance, schedule_id, trigger_id, is_read_only, traceparent)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $20, $21) RETURNING id, goal
       )
       INSERT INTO thought_trees (id, root_id, goal, metadata) SELECT id, id, goal, $19 FROM workflow`,
      [
        id,
        principalId,
        request.input_type,
        request.content,
        request.execution_context ?? {},
        request.domain_context ?? {},
        request.user_context ?? {},
        request.historical_context ?? {},
        priority,
        urgency,
        goal,
        maxCostUsd?.toFixed() ?? null,
        storableJson(warnings),
        origin,
        inherited?.parentWorkflowId ?? null,
        inherited ?? null,
        scheduleId ?? null,
        triggerId ?? null,
        inherited === undefined ? {} : { continues: sourcesOf(inherited) },
        isReadOnly,
        traceparent ?? null,
      ],
    );
    await this.budget.ensureScope(tx, workflowScope(id), maxCostUsd);
    this.events.begin(tx, id, principalId, [
      {
        type: 'workflow.started',
        data: { status: 'pending', input_type: request.input_type, priority, urgency },
      },
    ]);
    await this.durable.accept(tx, {
      name: RUN_WORKFLOW,
      id,
      input: {
        workflowId: id,
        ...(traceparent !== undefined && { traceparent }),
        ...(requestId !== undefined && { requestId }),
      },
      priority: queuePriority(priority, urgency, origin),
    });
    this.telemetry.started(tx, origin, request.input_type);
  }
}

/** Of the request that asks for a workflow; what nobody asks for is a trace of its own. */
function callerTrace(): string | undefined {
  const work = currentWork();
  return work && formatTraceparent(work.trace);
}

/** Where the content is that says what a request continues: its own, or that of the template that it runs. */
const continuationPath = ({ input_type }: ExecuteWorkflow): string =>
  input_type === 'scheduled_workflow' ? 'content.workflow_template.content' : 'content';

/** What a request may have by itself may be too much with what it inherits. @throws Problem VALIDATION_ERROR */
function checkTogether({ input_type, content }: ExecuteWorkflow, inheritance: Inheritance, path: string): void {
  const { successCriteria } = readRequest({ input_type, content, inheritance }, new InputErrors()).brief;
  const errors = new InputErrors();
  readSuccessCriteria(successCriteria, errors, `${path}.success_criteria`);
  if (errors.list.length === 0) return;
  throw validationProblem(
    errors.list.map(({ field, message }) => ({ field, message: `with those of the parent, ${message}` })),
  );
}

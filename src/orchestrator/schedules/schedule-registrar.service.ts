import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.service.js';
import { derivedId, newId } from '../../database/ids.js';
import type { Transaction } from '../../database/sql.js';
import { EventFeed } from '../../events/event-feed.js';
import { EventLog } from '../../events/event-log.js';
import { Problem } from '../../http/problem.js';
import { IdempotencyService } from '../../http/idempotency/idempotency.service.js';
import type { IdempotencyClaim } from '../../http/idempotency/idempotency.store.js';
import { validationProblem } from '../../http/validation.js';
import { readQualityRequest } from '../agents/validator/quality-request.rules.js';
import { readSettings } from '../planning/execution-settings.rules.js';
import { choiceAt, InputErrors, objectAt, textAt, type Json } from '../planning/input-fields.rules.js';
import { isIndirect } from '../workflow-templates/template-check.js';
import { TemplateResolver } from '../workflow-templates/template-resolver.service.js';
import type { ExecuteWorkflow } from '../workflows/dto/execute-workflow.dto.js';
import { WorkflowAcceptance } from '../workflows/workflow-acceptance.service.js';
import type { CreateSchedule } from './dto/schedule.dto.js';
import { nextFireTimes, type ScheduleRow } from './schedule-rows.js';
import { MISSED_FIRES } from './schedule.values.js';
import { Schedules } from './schedules.service.js';

/** Takes workflow requests, among them those that only say when to run what. */
@Injectable()
export class ScheduleRegistrar {
  constructor(
    private readonly database: Database,
    private readonly acceptance: WorkflowAcceptance,
    private readonly resolver: TemplateResolver,
    private readonly schedules: Schedules,
    private readonly idempotency: IdempotencyService,
    private readonly events: EventLog,
    private readonly feed: EventFeed,
  ) {}

  /**
   * Like `WorkflowAcceptance.accept`. A scheduled_workflow with a schedule registers it and is complete with that; one that has a
   * template and no schedule runs the template now.
   * @throws Problem VALIDATION_ERROR, UNKNOWN_MODEL, MODEL_UNPRICED, IDEMPOTENCY_MISMATCH
   */
  async accept(request: ExecuteWorkflow, principalId: string, claim: IdempotencyClaim | undefined): Promise<string> {
    if (!isIndirect(request)) return this.acceptance.accept(request, principalId, claim);
    const { schedule, ...use } = readContent(request);
    if (schedule !== undefined) {
      const workflow_template = templateWithOwn(request, use.workflow_template);
      return this.register(request, { ...use, workflow_template, schedule }, principalId, claim);
    }
    const { workflow_template: template, parameters = {} } = use;
    const resolved = await inContent(() => this.resolver.resolve(this.database, { template, parameters }, principalId));
    return this.acceptance.accept(runNow(request, resolved.request), principalId, claim);
  }

  private async register(
    request: ExecuteWorkflow,
    draft: CreateSchedule,
    principalId: string,
    claim: IdempotencyClaim | undefined,
  ): Promise<string> {
    const newWorkflowId = newId();
    const workflowId = await this.database.transaction(async (tx) => {
      const bound = claim && (await this.idempotency.bind(tx, { ...claim, resourceId: newWorkflowId }));
      if (bound?.created === false) return bound.resourceId;
      const scheduleId = derivedId(newWorkflowId, 'schedule');
      const schedule = await inContent(() => this.schedules.insert(tx, scheduleId, draft, principalId));
      await this.writeRegistered(tx, newWorkflowId, request, schedule);
      return newWorkflowId;
    });
    this.schedules.changed();
    this.feed.announce(workflowId, 'end');
    return workflowId;
  }

  /** A workflow that is complete as it begins. */
  private async writeRegistered(
    tx: Transaction,
    id: string,
    request: ExecuteWorkflow,
    schedule: ScheduleRow,
  ): Promise<void> {
    const { input_type, priority = 'medium', urgency = 'normal' } = request;
    const goal = `Register the schedule ${schedule.name}`;
    const times = nextFireTimes(schedule);
    const text = `Registered the schedule “${schedule.name}” (${schedule.cron}, ${schedule.timezone}). It fires next at ${times[0] ?? ''}.`;
    await tx.query(
      `WITH workflow AS (
         INSERT INTO workflows (id, principal_id, input_type, content, execution_context, domain_context, user_context,
                                historical_context, priority, urgency, goal, status, phase, success, result_content, registered,
                                started_at, completed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'completed', 'completed', true, $12, $13, now(), now())
         RETURNING id, goal
       )
       INSERT INTO thought_trees (id, root_id, goal, status, completed_at) SELECT id, id, goal, 'completed', now() FROM workflow`,
      [
        id,
        schedule.principal_id,
        input_type,
        request.content,
        request.execution_context ?? {},
        request.domain_context ?? {},
        request.user_context ?? {},
        request.historical_context ?? {},
        priority,
        urgency,
        goal,
        text,
        { schedule_id: schedule.id, next_fire_times: times },
      ],
    );
    this.events.begin(tx, id, schedule.principal_id, [
      { type: 'workflow.started', data: { status: 'pending', input_type, priority, urgency } },
      { type: 'workflow.completed', data: { status: 'completed', progress_percentage: 100 } },
    ]);
  }
}

function readContent({ content }: ExecuteWorkflow): Omit<CreateSchedule, 'schedule'> & { schedule?: string } {
  const errors = new InputErrors();
  const trigger: Json = objectAt(content, 'trigger', 'content', errors) ?? {};
  choiceAt(trigger, 'type', ['time_based'], 'content.trigger', errors);
  const optional = { required: false };
  const template = content.workflow_template ?? templateFrom(content, errors);
  const isReference = typeof template === 'string' || (typeof template === 'object' && !Array.isArray(template));
  if (!isReference) errors.add('content.workflow_template', 'must be the name of a template or a workflow request');
  const read = {
    name: nameIn(content, errors),
    schedule: textAt(trigger, 'schedule', 'content.trigger', errors, optional),
    timezone: textAt(trigger, 'timezone', 'content.trigger', errors, optional),
    missed_fires: choiceAt(trigger, 'missed_fires', MISSED_FIRES, 'content.trigger', errors),
    workflow_template: template as CreateSchedule['workflow_template'],
    parameters: objectAt(content, 'parameters', 'content', errors),
  };
  if (errors.list.length > 0) throw validationProblem(errors.list);
  return read;
}

function nameIn(content: Json, errors: InputErrors): string | undefined {
  const name = textAt(content, 'name', 'content', errors, { required: false });
  if (name !== undefined && name.length > 200) errors.add('content.name', 'must have at most 200 characters');
  return name;
}

/** A schedule of a mere prompt, and what stands with it. */
function templateFrom(content: Json, errors: InputErrors): Json {
  const prompt = content.prompt ?? content.content;
  if (prompt === undefined) errors.add('content.workflow_template', 'is required');
  const of = ['trigger', 'parameters', 'name', 'content'];
  const more = Object.fromEntries(Object.entries(content).filter(([name]) => !of.includes(name)));
  return { input_type: 'user_prompt', content: { ...more, prompt } };
}

const CONTEXTS = ['execution_context', 'domain_context', 'user_context', 'historical_context'] as const;

/** What a request itself says of contexts and priority: it holds before what its template says. */
function ownOf(request: ExecuteWorkflow): Partial<ExecuteWorkflow> {
  const contexts = CONTEXTS.filter((name) => Object.keys(request[name] ?? {}).length > 0);
  const own = [...contexts, ...(['priority', 'urgency'] as const).filter((name) => request[name] !== undefined)];
  return Object.fromEntries(own.map((name) => [name, request[name]]));
}

/**
 * The template of a schedule with what the request itself says, so that it holds whenever the schedule fires. A stored template is known
 * by its name and may change, so nothing can be said beside it.
 * @throws Problem VALIDATION_ERROR
 */
function templateWithOwn(request: ExecuteWorkflow, template: CreateSchedule['workflow_template']): typeof template {
  const errors = new InputErrors();
  readSettings(request.execution_context ?? {}, errors);
  readQualityRequest(request.execution_context ?? {}, errors);
  const own = ownOf(request);
  if (typeof template === 'string') {
    const isUsual = (name: string): boolean =>
      (name === 'priority' && own.priority === 'medium') || (name === 'urgency' && own.urgency === 'normal');
    for (const name of Object.keys(own).filter((each) => !isUsual(each)))
      errors.add(name, 'must stand in the stored template that the schedule names');
  }
  if (errors.list.length > 0) throw validationProblem(errors.list);
  return typeof template === 'string' ? template : { ...template, ...own };
}

/** A template that is run at once. */
function runNow(request: ExecuteWorkflow, { input_type, content, ...more }: ExecuteWorkflow): ExecuteWorkflow {
  return {
    ...more,
    ...ownOf(request),
    input_type: request.input_type,
    content: { ...request.content, workflow_template: { input_type, content } },
  };
}

/** What is refused inside is told by its place in the request. */
async function inContent<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Problem) || error.options.errors === undefined) throw error;
    const isOfTrigger = (field: string): boolean => field === 'schedule' || field === 'timezone';
    throw validationProblem(
      error.options.errors.map(({ field, message }) => ({
        field: isOfTrigger(field) ? `content.trigger.${field}` : `content.${field}`,
        message,
      })),
    );
  }
}

import { Injectable } from '@nestjs/common';
import { currentAct } from '../../auth/audit/act.js';
import { Audit } from '../../auth/audit/audit.service.js';
import { Database } from '../../database/database.service.js';
import type { Sql, Transaction } from '../../database/sql.js';
import { EventFeed } from '../../events/event-feed.js';
import { IdempotencyService } from '../../http/idempotency/idempotency.service.js';
import type { IdempotencyClaim } from '../../http/idempotency/idempotency.store.js';
import { noteWorkflow } from '../../telemetry/work-context.js';
import type { CreateSchedule } from '../schedules/dto/schedule.dto.js';
import { ScheduleRegistrar } from '../schedules/schedule-registrar.service.js';
import { inContent, readContent, runNow, templateWithOwn } from '../schedules/schedule-request.js';
import { Schedules } from '../schedules/schedules.service.js';
import { isIndirect } from '../workflow-templates/template-check.js';
import { TemplateResolver } from '../workflow-templates/template-resolver.service.js';
import type { ExecuteWorkflow } from './dto/execute-workflow.dto.js';
import { RequestCheck, type CheckedRequest } from './request-check.service.js';
import { WorkflowAcceptance } from './workflow-acceptance.service.js';

/** Takes the workflow requests of callers, once for each idempotency key, and puts them on record with what they make. */
@Injectable()
export class WorkflowIntake {
  constructor(
    private readonly database: Database,
    private readonly requests: RequestCheck,
    private readonly acceptance: WorkflowAcceptance,
    private readonly resolver: TemplateResolver,
    private readonly registrar: ScheduleRegistrar,
    private readonly schedules: Schedules,
    private readonly idempotency: IdempotencyService,
    private readonly audit: Audit,
    private readonly feed: EventFeed,
  ) {}

  /**
   * A scheduled_workflow with a schedule registers it and is complete with that; one that has a template and no schedule runs the
   * template now.
   * @returns the id of the new workflow, or of the one this claim already made
   * @throws Problem VALIDATION_ERROR, UNKNOWN_MODEL, MODEL_UNPRICED, IDEMPOTENCY_MISMATCH
   */
  async accept(request: ExecuteWorkflow, principalId: string, claim: IdempotencyClaim | undefined): Promise<string> {
    if (!isIndirect(request)) return this.run(() => this.requests.check(request), principalId, claim);
    const { schedule, ...use } = readContent(request);
    if (schedule !== undefined) {
      const workflow_template = templateWithOwn(request, use.workflow_template);
      return this.register(request, { ...use, workflow_template, schedule }, principalId, claim);
    }
    const { workflow_template: template, parameters = {} } = use;
    const check = async (sql: Sql): Promise<CheckedRequest> => {
      const resolved = await inContent(() => this.resolver.resolve(sql, { template, parameters }, principalId));
      return this.requests.check(runNow(request, resolved.request));
    };
    return this.run(check, principalId, claim);
  }

  private async run(
    check: (sql: Sql) => CheckedRequest | Promise<CheckedRequest>,
    principalId: string,
    claim: IdempotencyClaim | undefined,
  ): Promise<string> {
    // A key that has its workflow stands for it, whether or not it could be begun now.
    const checked = claim === undefined ? await check(this.database) : undefined;
    const workflowId = await this.once(claim, async (tx, id) =>
      this.acceptance.write(tx, id, checked ?? (await check(tx)), { principalId, origin: 'user' }),
    );
    noteWorkflow(workflowId);
    this.acceptance.begun(workflowId);
    return workflowId;
  }

  private async register(
    request: ExecuteWorkflow,
    draft: CreateSchedule,
    principalId: string,
    claim: IdempotencyClaim | undefined,
  ): Promise<string> {
    const workflowId = await this.once(claim, (tx, id) => this.registrar.register(tx, id, request, draft, principalId));
    this.schedules.changed();
    this.feed.announce(workflowId, 'end');
    return workflowId;
  }

  /** @param make writes a new workflow by its id */
  private once(
    claim: IdempotencyClaim | undefined,
    make: (tx: Transaction, id: string) => Promise<void>,
  ): Promise<string> {
    return this.database.transaction(async (tx) => {
      const { id, isNew } = await this.idempotency.bind(tx, claim);
      if (!isNew) return id;
      await make(tx, id);
      const act = currentAct('executeWorkflow');
      if (act !== undefined) await this.audit.record({ ...act, target: `workflow_id=${id}`, outcome: 'done' }, tx);
      return id;
    });
  }
}

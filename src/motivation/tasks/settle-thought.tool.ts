import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.service.js';
import { storableJson } from '../../database/storable.js';
import { Problem } from '../../http/problem.js';
import { isUuid } from '../../http/uuid.rules.js';
import { WorkflowExecution } from '../../orchestrator/workflows/workflow-execution.service.js';
import { WorkflowPause } from '../../orchestrator/workflows/workflow-pause.service.js';
import { type ParameterError, Tool, type ToolContext, ToolRefusal, type ToolResult } from '../../tools/tool.js';
import {
  routeForPeople,
  type SettleParameters,
  settleParametersSchema,
  workflowTarget,
} from './settle-parameters.rules.js';

/** An agent of a motivation brings the old workflow that its task is about to an end, or back to life. */
@Injectable()
export class SettleThoughtTool extends Tool<SettleParameters> {
  readonly name = 'settle_thought';
  readonly description =
    'Settles the old, unfinished workflow that your task is about: resume lets a paused one go on, close cancels it. For no other workflow.';
  readonly operations = [];
  readonly parametersSchema = settleParametersSchema;
  readonly risk = 'write';
  override readonly isForThoseWhoNameIt = true;

  constructor(
    private readonly database: Database,
    private readonly pauses: WorkflowPause,
    private readonly execution: WorkflowExecution,
  ) {
    super();
  }

  /** Both decisions, taken twice, leave what they left the first time, and say the same of it. */
  override isRepeatable(): boolean {
    return true;
  }

  override check({ workflow_id: id }: SettleParameters): readonly ParameterError[] {
    return isUuid(id) ? [] : [{ field: 'workflow_id', message: 'must be a UUID' }];
  }

  async run(parameters: SettleParameters, { caller }: ToolContext): Promise<ToolResult> {
    if (caller.kind !== 'agent') {
      throw new ToolRefusal(
        'agents_only',
        `Only agents of a motivation call it; people use ${routeForPeople(parameters)}.`,
      );
    }
    const { workflow_id: id, decision } = parameters;
    if (!(await this.isTargetOf(caller.workflowId, id))) {
      throw new ToolRefusal('not_its_target', `Workflow ${id} is not what this task is about.`);
    }
    if (decision === 'close' && (await this.wasTouchedSince(id, caller.workflowId))) {
      const errorMessage = `Workflow ${id} was touched since this task was made: it is not old any more, and not closed.`;
      return { success: false, output: null, errorMessage };
    }
    try {
      const { status, body } = await (decision === 'close' ? this.execution.cancel(id) : this.pauses.resume(id));
      if (status === 202) await this.note(parameters, caller.workflowId);
      else if (decision === 'resume' && !(await this.wasResumedSince(id, caller.workflowId))) {
        const errorMessage = `Workflow ${id} is not paused: it cannot be resumed, only closed or left alone.`;
        return { success: false, output: body, errorMessage };
      }
      return { success: true, output: body };
    } catch (error) {
      // Gone, or ended meanwhile: its sentence says how.
      if (error instanceof Problem && (error.code === 'NOT_FOUND' || error.code === 'CONFLICT')) {
        return { success: false, output: null, errorMessage: error.detail };
      }
      throw error;
    }
  }

  /** For the people who look at the workflow: a crash before it costs the note, the run of the tool keeps the reason. */
  private async note({ workflow_id: id, decision, reason }: SettleParameters, taskId: string): Promise<void> {
    await this.database.query(
      `UPDATE thought_trees SET annotations = annotations || jsonb_build_object('settled_by_nyx', $2::jsonb) WHERE id = $1`,
      [id, storableJson({ task_id: taskId, decision, reason })],
    );
  }

  private async isTargetOf(taskId: string, workflowId: string): Promise<boolean> {
    const rows = await this.database.query('SELECT 1 FROM motivational_tasks WHERE id = $1 AND target = $2', [
      taskId,
      workflowTarget(workflowId),
    ]);
    return rows.length > 0;
  }

  /** What is not old any more is not closed: somebody let it go on, or it went on by itself. What was cancelled has ended. */
  private async wasTouchedSince(id: string, taskId: string): Promise<boolean> {
    const rows = await this.database.query(
      `SELECT 1 FROM workflow_events e JOIN motivational_tasks t ON t.id = $2 JOIN workflows w ON w.id = e.workflow_id
        WHERE e.workflow_id = $1 AND e.at >= t.spawned_at AND w.status <> 'cancelled' LIMIT 1`,
      [id, taskId],
    );
    return rows.length > 0;
  }

  /** By this very call before a crash, or by a person: what was asked for is so. */
  private async wasResumedSince(id: string, taskId: string): Promise<boolean> {
    const rows = await this.database.query(
      `SELECT 1 FROM workflow_events e JOIN motivational_tasks t ON t.id = $2
        WHERE e.workflow_id = $1 AND e.type = 'workflow.resumed' AND e.at >= t.spawned_at LIMIT 1`,
      [id, taskId],
    );
    return rows.length > 0;
  }
}

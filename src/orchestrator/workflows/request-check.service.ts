import { Injectable } from '@nestjs/common';
import { Decimal } from 'decimal.js';
import { cutTo } from '../../database/cut.rules.js';
import { validationProblem } from '../../http/validation.js';
import { ModelCatalog } from '../../llm/model-catalog.js';
import { RuntimeSettings } from '../../settings/runtime-settings.js';
import { ToolRegistry } from '../../tools/tool-registry.js';
import { readQualityRequest, readSuccessCriteria } from '../agents/validator/quality-request.rules.js';
import type { ExecutionSettings } from '../planning/execution-settings.rules.js';
import { InputErrors } from '../planning/input-fields.rules.js';
import type { Continuation } from '../planning/inputs/inheritance.js';
import { readRequest } from '../planning/inputs/request.rules.js';
import { modelsFor } from '../planning/model-choice.rules.js';
import { unknownSettings } from '../planning/unknown-settings.rules.js';
import type { ExecuteWorkflow } from './dto/execute-workflow.dto.js';

/** Of a workflow's goal, as lists show it. */
export const MAX_GOAL_LENGTH = 500;

/** A request that can be run. */
export interface CheckedRequest {
  readonly request: ExecuteWorkflow;
  /** Empty where a continuation takes its parent's. */
  readonly goal: string;
  readonly continuation: Continuation | undefined;
  /** Undefined: no limit. */
  readonly maxCostUsd: Decimal | undefined;
  readonly warnings: readonly string[];
}

/** Whether a request can be run: by its form, the models that may be asked, and the tools there are. */
@Injectable()
export class RequestCheck {
  constructor(
    private readonly settings: RuntimeSettings,
    private readonly catalog: ModelCatalog,
    private readonly tools: ToolRegistry,
  ) {}

  /** @throws Problem VALIDATION_ERROR, UNKNOWN_MODEL, MODEL_UNPRICED */
  check(request: ExecuteWorkflow): CheckedRequest {
    const errors = new InputErrors();
    const { brief, settings } = readRequest(request, errors);
    readQualityRequest(request.execution_context ?? {}, errors);
    const criteriaField = request.content.goal === undefined ? undefined : 'content.goal.success_criteria';
    readSuccessCriteria(brief.successCriteria, errors, criteriaField);
    const unknown = settings.tools?.find(
      (name) => this.tools.find(name) === undefined && this.tools.standInFor(name) === undefined,
    );
    if (unknown !== undefined) {
      errors.add('execution_context.execution_preferences.tools', `there is no tool ${JSON.stringify(unknown)}`);
    }
    if (errors.list.length > 0) throw validationProblem(errors.list);
    return {
      request,
      warnings: [
        ...this.modelWarnings(settings),
        ...this.depthWarnings(settings),
        ...unknownSettings(request.execution_context ?? {}),
      ],
      goal: cutTo(brief.objective, MAX_GOAL_LENGTH),
      continuation: brief.continuation,
      maxCostUsd:
        settings.maxCostUsd === undefined ? this.settings.budgetUsd('workflow') : new Decimal(settings.maxCostUsd),
    };
  }

  /** About the models that may be asked. @throws Problem UNKNOWN_MODEL, MODEL_UNPRICED for one that cannot be */
  private modelWarnings({ model, optimizationFocus }: ExecutionSettings): string[] {
    const models = model === undefined ? modelsFor(optimizationFocus) : [model];
    return models.flatMap((name) => this.catalog.resolve(name).warnings);
  }

  private depthWarnings({ maxRecursionDepth: asked }: ExecutionSettings): string[] {
    const most = this.settings.maxRecursionDepth;
    if (asked === undefined || asked <= most) return [];
    return [`max_recursion_depth is ${asked}, but the system allows ${most}.`];
  }
}

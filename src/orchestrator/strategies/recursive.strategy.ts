import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Durable } from '../../durable/durable.service.js';
import { RECURSIVE_PLAN_FORM } from '../planning/plan.rules.js';
import { Planner, type PlannedThought, type Planning } from '../planning/planner.js';
import { RecursivePrompts } from '../planning/recursive-prompts.js';
import type { StrategyOutcome, WorkflowRun } from '../run/workflow-run.js';
import { DirectStrategy } from './direct.strategy.js';
import { PlanExecution, withAgents, type BranchInput } from './plan-execution.js';
import { PlannedStrategy } from './planned.strategy.js';
import { SubOrchestrators } from './sub-orchestrators.js';
import { Subtasks } from './subtasks.js';
import { Synthesis } from './synthesis.js';

/** Never renamed: rows of workflows that run name it. */
const SUB_ORCHESTRATOR = 'sub-orchestrator';

/**
 * A plan whose subtasks may have plans of their own, to the depth limit. Each sub-orchestrator is a durable child that any replica may
 * run, with its share of the budget and of the agents; what it makes is its subtask's result, and so part of its parent's synthesis.
 */
@Injectable()
export class RecursiveStrategy extends PlannedStrategy implements OnModuleInit {
  readonly name = 'recursive_decomposition';
  readonly description =
    'Subtasks that are too large for one agent are decomposed by orchestrators of their own, to the depth limit, then syntheses upwards.';

  constructor(
    planner: Planner,
    direct: DirectStrategy,
    private readonly durable: Durable,
    private readonly prompts: RecursivePrompts,
    private readonly execution: PlanExecution,
    private readonly subOrchestrators: SubOrchestrators,
    private readonly subtasks: Subtasks,
    private readonly synthesis: Synthesis,
  ) {
    super(planner, direct);
  }

  onModuleInit(): void {
    this.durable.register<BranchInput>(SUB_ORCHESTRATOR, (input) => this.runSub(input));
  }

  protected override plan(run: WorkflowRun): Promise<Planning> {
    return this.planner.plan(run, {
      form: RECURSIVE_PLAN_FORM,
      prompt: (usual) => this.prompts.planning(usual, levelsBelow(run)),
    });
  }

  protected async executePlan(run: WorkflowRun, thoughts: readonly PlannedThought[]): Promise<StrategyOutcome> {
    const mayDecompose = levelsBelow(run) > 0;
    await this.execution.run(run, thoughts, mayDecompose ? { subOrchestrator: SUB_ORCHESTRATOR } : {});
    const outcome = await this.synthesis.run(run);
    const tooDeep = mayDecompose ? 0 : thoughts.filter(({ decompose }) => decompose).length;
    if (tooDeep === 0) return outcome;
    const warning =
      `The depth limit of ${run.maxDepth} was reached: ${tooDeep} subtasks that were to be decomposed ` +
      'were done by one agent each.';
    return { ...outcome, warnings: [...outcome.warnings, warning] };
  }

  private async runSub(input: BranchInput): Promise<void> {
    const run = this.subOrchestrators.runOf(input);
    if (!(await this.subOrchestrators.begin(input.run, run))) return;
    const failure = await this.subOrchestrators.end(input.run, run, await this.execute(run));
    if (failure === undefined) return;
    await this.subtasks.recover(withAgents(input), input.thought, input.alike, failure);
  }
}

/** Levels of thoughts that there may be below the subtasks that an orchestrator plans. */
const levelsBelow = ({ depth, maxDepth }: WorkflowRun): number => maxDepth - (depth + 1);

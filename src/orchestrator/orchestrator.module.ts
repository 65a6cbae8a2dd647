import { Module } from '@nestjs/common';
import { DurableModule } from '../durable/durable.module.js';
import { EventsModule } from '../events/events.module.js';
import { LlmModule } from '../llm/llm.module.js';
import { SettingsModule } from '../settings/settings.module.js';
import { ToolsModule } from '../tools/tools.module.js';
import { CatalogueController } from './catalogue.controller.js';
import { Planner } from './planning/planner.js';
import { Prompts } from './planning/prompts.js';
import { AgentCaller } from './run/agent-caller.js';
import { AgentLoop } from './run/agent-loop.js';
import { ConversationReader } from './run/conversation-reader.js';
import { RunReader } from './run/run-reader.js';
import { StructuredAgent } from './run/structured-agent.js';
import { ToolCalls } from './run/tool-calls.js';
import { TreeWriter } from './run/tree-writer.js';
import { WorkflowEnder } from './run/workflow-ender.js';
import { WorkflowReconciler } from './run/workflow-reconciler.js';
import { WorkflowRunner } from './run/workflow-runner.js';
import { ScheduleClock } from './schedules/schedule-clock.service.js';
import { ScheduleRegistrar } from './schedules/schedule-registrar.service.js';
import { SchedulesController } from './schedules/schedules.controller.js';
import { Schedules } from './schedules/schedules.service.js';
import { DirectStrategy } from './strategies/direct.strategy.js';
import { ParallelStrategy } from './strategies/parallel.strategy.js';
import { PlanExecution } from './strategies/plan-execution.js';
import { SequentialStrategy } from './strategies/sequential.strategy.js';
import { STRATEGIES, StrategyRegistry } from './strategies/strategy-registry.js';
import type { Strategy } from './strategies/strategy.js';
import { Subtasks } from './strategies/subtasks.js';
import { Synthesis } from './strategies/synthesis.js';
import { TreeQueries } from './tree-queries.service.js';
import { TreeController } from './tree.controller.js';
import { OutsideEventsController } from './triggers/outside-events.controller.js';
import { OutsideEvents } from './triggers/outside-events.service.js';
import { Reactions } from './triggers/reaction.service.js';
import { TriggersController } from './triggers/triggers.controller.js';
import { Triggers } from './triggers/triggers.service.js';
import { TemplateResolver } from './workflow-templates/template-resolver.service.js';
import { WorkflowTemplatesController } from './workflow-templates/workflow-templates.controller.js';
import { WorkflowTemplates } from './workflow-templates/workflow-templates.service.js';
import { WorkflowAcceptance } from './workflows/workflow-acceptance.service.js';
import { WorkflowExecution } from './workflows/workflow-execution.service.js';
import { WorkflowQueries } from './workflows/workflow-queries.service.js';
import { WorkflowTrees } from './workflows/workflow-tree.service.js';
import { WorkflowWait } from './workflows/workflow-wait.service.js';
import { WorkflowsController } from './workflows/workflows.controller.js';

/** One line a strategy. */
const strategies = [DirectStrategy, SequentialStrategy, ParallelStrategy];

@Module({
  imports: [DurableModule, EventsModule, LlmModule, SettingsModule, ToolsModule],
  controllers: [
    WorkflowsController,
    CatalogueController,
    TreeController,
    WorkflowTemplatesController,
    SchedulesController,
    TriggersController,
    OutsideEventsController,
  ],
  providers: [
    ...strategies,
    { provide: STRATEGIES, useFactory: (...all: Strategy[]) => all, inject: strategies },
    StrategyRegistry,
    Prompts,
    Planner,
    Subtasks,
    PlanExecution,
    Synthesis,
    AgentCaller,
    StructuredAgent,
    AgentLoop,
    ToolCalls,
    ConversationReader,
    RunReader,
    TreeWriter,
    WorkflowRunner,
    WorkflowEnder,
    WorkflowReconciler,
    WorkflowAcceptance,
    WorkflowExecution,
    WorkflowQueries,
    WorkflowTrees,
    WorkflowWait,
    TreeQueries,
    TemplateResolver,
    WorkflowTemplates,
    Schedules,
    ScheduleClock,
    ScheduleRegistrar,
    Reactions,
    Triggers,
    OutsideEvents,
  ],
})
export class OrchestratorModule {}

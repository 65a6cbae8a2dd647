import { Module } from '@nestjs/common';
import { DurableModule } from '../durable/durable.module.js';
import { EventsModule } from '../events/events.module.js';
import { LlmModule } from '../llm/llm.module.js';
import { SettingsModule } from '../settings/settings.module.js';
import { ToolsModule } from '../tools/tools.module.js';
import { CatalogueController } from './catalogue.controller.js';
import { CommunicateTool } from './communications/communicate.tool.js';
import { CommunicationQueries } from './communications/communication-queries.service.js';
import { Communications } from './communications/communications.js';
import { CommunicationsController } from './communications/communications.controller.js';
import { Mailbox } from './communications/mailbox.js';
import { Lessons } from './memory/lessons.js';
import { MemoriesController } from './memory/memories.controller.js';
import { Memories } from './memory/memories.service.js';
import { MemoryPrompts } from './memory/memory-prompts.js';
import { MemorySearch } from './memory/memory-search.js';
import { MemoryStore } from './memory/memory-store.js';
import { MemorySweep } from './memory/memory-sweep.js';
import { MemoryTool } from './memory/memory.tool.js';
import { OrchestratorTools } from './orchestrator-tools.js';
import { Recall } from './memory/recall.js';
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
import { WorkflowAcceptance } from './workflows/workflow-acceptance.service.js';
import { WorkflowExecution } from './workflows/workflow-execution.service.js';
import { WorkflowQueries } from './workflows/workflow-queries.service.js';
import { WorkflowTrees } from './workflows/workflow-tree.service.js';
import { WorkflowWait } from './workflows/workflow-wait.service.js';
import { WorkflowsController } from './workflows/workflows.controller.js';

/** One line a strategy. */
const strategies = [DirectStrategy, SequentialStrategy, ParallelStrategy];

const memory = [MemoryStore, MemorySearch, MemorySweep, Memories, MemoryPrompts, Recall, Lessons, MemoryTool];
const communication = [Communications, CommunicationQueries, Mailbox, CommunicateTool];

@Module({
  imports: [DurableModule, EventsModule, LlmModule, SettingsModule, ToolsModule],
  controllers: [WorkflowsController, CatalogueController, TreeController, MemoriesController, CommunicationsController],
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
    ...memory,
    ...communication,
    OrchestratorTools,
  ],
})
export class OrchestratorModule {}

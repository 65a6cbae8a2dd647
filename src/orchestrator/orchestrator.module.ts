import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { DurableModule } from '../durable/durable.module.js';
import { EventsModule } from '../events/events.module.js';
import { LlmModule } from '../llm/llm.module.js';
import { SettingsModule } from '../settings/settings.module.js';
import { ToolsModule } from '../tools/tools.module.js';
import { Adaptations } from './adaptation/adaptations.js';
import { Pacing } from './adaptation/pacing.js';
import { RecoveryCouncil } from './adaptation/recovery-council.js';
import { ApprovalQueries } from './approvals/approval-queries.js';
import { ApprovalsController } from './approvals/approvals.controller.js';
import { Approvals } from './approvals/approvals.js';
import { CallApprovals } from './approvals/call-approvals.js';
import { HumanReview } from './approvals/human-review.js';
import { Council } from './agents/council/council.js';
import { CouncilPrompts } from './agents/council/council-prompts.js';
import { CouncilRecord } from './agents/council/council-record.js';
import { CouncilSweep } from './agents/council/council-sweep.js';
import { validationRules } from './agents/validator/built-in-rules.js';
import { Refiner } from './agents/validator/refiner.js';
import type { ValidationRule } from './agents/validator/validation-rule.js';
import { VALIDATION_RULES, ValidationRules } from './agents/validator/validation-rules.js';
import { Validator } from './agents/validator/validator.js';
import { ValidatorPrompts } from './agents/validator/validator-prompts.js';
import { CatalogueController } from './catalogue.controller.js';
import { Archive } from './keeping/archive.js';
import { AuditRetention } from './keeping/audit-retention.js';
import { ErasuresController } from './keeping/erasures.controller.js';
import { PrincipalErasure } from './keeping/principal-erasure.service.js';
import { Retention } from './keeping/retention.js';
import { WorkflowErasure } from './keeping/workflow-erasure.service.js';
import { ClassHistory } from './learning/class-history.js';
import { FeedbackService } from './learning/feedback.service.js';
import { LearningController } from './learning/learning.controller.js';
import { LearningQueries } from './learning/learning-queries.service.js';
import { OutcomeRecorder } from './learning/outcome-recorder.js';
import { ComplexityPrompts } from './planning/complexity-prompts.js';
import { ComplexityQuestion } from './planning/complexity-question.js';
import { CommunicateTool } from './communications/communicate.tool.js';
import { CommunicationQueries } from './communications/communication-queries.service.js';
import { Communications } from './communications/communications.js';
import { CommunicationsController } from './communications/communications.controller.js';
import { Mailbox } from './communications/mailbox.js';
import { Lessons } from './memory/lessons.js';
import { MemoriesController } from './memory/memories.controller.js';
import { Memories } from './memory/memories.service.js';
import { MemoryAgent } from './memory/memory-agent.js';
import { MemoryPrompts } from './memory/memory-prompts.js';
import { MemorySearch } from './memory/memory-search.js';
import { MemoryStore } from './memory/memory-store.js';
import { MemorySweep } from './memory/memory-sweep.js';
import { MemoryTool } from './memory/memory.tool.js';
import { OrchestratorTools } from './orchestrator-tools.js';
import { Recall } from './memory/recall.js';
import { Planner } from './planning/planner.js';
import { ResultRoom } from './planning/result-room.js';
import { RecursivePrompts } from './planning/recursive-prompts.js';
import { Prompts } from './planning/prompts.js';
import { QualityReader } from './quality/quality-reader.js';
import { QualityReview } from './quality/quality-review.js';
import { SelfValidation } from './quality/self-validation.js';
import { WorkflowAnalysis } from './planning/workflow-analysis.js';
import { AgentCaller } from './run/agent-caller.js';
import { AgentStep } from './run/agent-step.js';
import { AgentLoop } from './run/agent-loop.js';
import { AgentPlaces } from './run/agent-places.js';
import { AgentStates } from './run/agent-states.js';
import { AnswerForms } from './run/answer-forms.js';
import { ConversationReader } from './run/conversation-reader.js';
import { Delegation } from './run/delegation.js';
import { RunClock } from './run/run-clock.js';
import { RunGate } from './run/run-gate.js';
import { RunReader } from './run/run-reader.js';
import { StructuredAgent } from './run/structured-agent.js';
import { ToolCalls } from './run/tool-calls.js';
import { TreeWriter } from './run/tree-writer.js';
import { WorkflowEnder } from './run/workflow-ender.js';
import { WorkflowTelemetry } from './run/workflow-telemetry.js';
import { WorkflowReconciler } from './run/workflow-reconciler.js';
import { WorkflowRunner } from './run/workflow-runner.js';
import { CouncilStrategy } from './strategies/council.strategy.js';
import { ScheduleClock } from './schedules/schedule-clock.service.js';
import { ScheduleRegistrar } from './schedules/schedule-registrar.service.js';
import { SchedulesController } from './schedules/schedules.controller.js';
import { Schedules } from './schedules/schedules.service.js';
import { DirectStrategy } from './strategies/direct.strategy.js';
import { IterativeStrategy } from './strategies/iterative.strategy.js';
import { ParallelStrategy } from './strategies/parallel.strategy.js';
import { PlanExecution } from './strategies/plan-execution.js';
import { RecursiveStrategy } from './strategies/recursive.strategy.js';
import { RefinementRounds } from './strategies/refinement-rounds.js';
import { SequentialStrategy } from './strategies/sequential.strategy.js';
import { STRATEGY_LIST, StrategyRegistry } from './strategies/strategy-registry.js';
import type { Strategy } from './strategies/strategy.js';
import { SpawnedSubtasks } from './strategies/spawned-subtasks.js';
import { BudgetShares } from './strategies/budget-shares.js';
import { SubOrchestrators } from './strategies/sub-orchestrators.js';
import { Subtasks } from './strategies/subtasks.js';
import { Synthesis } from './strategies/synthesis.js';
import { ThoughtAnnotations } from './thoughts/thought-annotations.service.js';
import { ThoughtAttribution } from './thoughts/thought-attribution.js';
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
import { StartRecord } from './workflows/start-record.js';
import { RequestCheck } from './workflows/request-check.service.js';
import { WorkflowAcceptance } from './workflows/workflow-acceptance.service.js';
import { WorkflowIntake } from './workflows/workflow-intake.service.js';
import { WorkflowControlController } from './workflows/workflow-control.controller.js';
import { WorkflowExecution } from './workflows/workflow-execution.service.js';
import { WorkflowParents } from './workflows/workflow-parents.service.js';
import { WorkflowPause } from './workflows/workflow-pause.service.js';
import { WorkflowQueries } from './workflows/workflow-queries.service.js';
import { WorkflowRetry } from './workflows/workflow-retry.service.js';
import { WorkflowTrees } from './workflows/workflow-tree.service.js';
import { WorkflowWait } from './workflows/workflow-wait.service.js';
import { WorkflowsController } from './workflows/workflows.controller.js';

/** One line a strategy. */
const strategies = [
  DirectStrategy,
  SequentialStrategy,
  ParallelStrategy,
  RecursiveStrategy,
  CouncilStrategy,
  IterativeStrategy,
];

const memory = [
  MemoryStore,
  MemorySearch,
  MemorySweep,
  Memories,
  MemoryPrompts,
  Recall,
  MemoryAgent,
  Lessons,
  MemoryTool,
];
const communication = [Communications, CommunicationQueries, Mailbox, CommunicateTool];

@Module({
  imports: [AuthModule, DurableModule, EventsModule, LlmModule, SettingsModule, ToolsModule],
  controllers: [
    WorkflowsController,
    WorkflowControlController,
    ErasuresController,
    ApprovalsController,
    WorkflowTemplatesController,
    SchedulesController,
    TriggersController,
    OutsideEventsController,
    LearningController,
    MemoriesController,
    CommunicationsController,
    CatalogueController,
    TreeController,
  ],
  providers: [
    ...strategies,
    { provide: STRATEGY_LIST, useFactory: (...all: Strategy[]) => all, inject: strategies },
    StrategyRegistry,
    ...validationRules,
    { provide: VALIDATION_RULES, useFactory: (...all: ValidationRule[]) => all, inject: validationRules },
    ValidationRules,
    ValidatorPrompts,
    Validator,
    Refiner,
    RefinementRounds,
    QualityReader,
    SelfValidation,
    QualityReview,
    Council,
    CouncilPrompts,
    CouncilRecord,
    CouncilSweep,
    Prompts,
    RecursivePrompts,
    ResultRoom,
    Planner,
    Adaptations,
    Pacing,
    RecoveryCouncil,
    Subtasks,
    SpawnedSubtasks,
    PlanExecution,
    BudgetShares,
    SubOrchestrators,
    Synthesis,
    AgentCaller,
    AgentStep,
    AgentPlaces,
    AnswerForms,
    StructuredAgent,
    AgentLoop,
    Delegation,
    ToolCalls,
    ConversationReader,
    RunReader,
    AgentStates,
    TreeWriter,
    WorkflowRunner,
    WorkflowEnder,
    WorkflowTelemetry,
    WorkflowReconciler,
    RequestCheck,
    WorkflowAcceptance,
    WorkflowIntake,
    StartRecord,
    WorkflowParents,
    WorkflowExecution,
    WorkflowQueries,
    WorkflowTrees,
    WorkflowWait,
    TreeQueries,
    ThoughtAnnotations,
    ThoughtAttribution,
    RunGate,
    RunClock,
    Approvals,
    ApprovalQueries,
    CallApprovals,
    HumanReview,
    WorkflowPause,
    WorkflowRetry,
    WorkflowErasure,
    PrincipalErasure,
    Archive,
    AuditRetention,
    Retention,
    ComplexityPrompts,
    ComplexityQuestion,
    WorkflowAnalysis,
    ClassHistory,
    OutcomeRecorder,
    FeedbackService,
    LearningQueries,
    ...memory,
    ...communication,
    OrchestratorTools,
    TemplateResolver,
    WorkflowTemplates,
    Schedules,
    ScheduleClock,
    ScheduleRegistrar,
    Reactions,
    Triggers,
    OutsideEvents,
  ],
  exports: [RequestCheck, WorkflowAcceptance, StartRecord, WorkflowExecution, WorkflowPause, ValidationRules],
})
export class OrchestratorModule {}

import { Module } from '@nestjs/common';
import { DurableModule } from '../durable/durable.module.js';
import { Recovery } from '../durable/recovery.service.js';
import { EventsModule } from '../events/events.module.js';
import { LlmModule } from '../llm/llm.module.js';
import { OrchestratorModule } from '../orchestrator/orchestrator.module.js';
import { SettingsModule } from '../settings/settings.module.js';
import { ToolsModule } from '../tools/tools.module.js';
import { DecisionsController } from './engine/decisions.controller.js';
import { Decisions } from './engine/decisions.service.js';
import { EngineReader } from './engine/engine-reader.js';
import { EngineController } from './engine/engine.controller.js';
import { Engine } from './engine/engine.service.js';
import { Evaluation } from './engine/evaluation.js';
import { EvaluationClock } from './engine/evaluation-clock.service.js';
import { Observations } from './engine/observations.js';
import { Pruning } from './engine/pruning.js';
import { Spawning } from './engine/spawning.js';
import { MotivationGateway } from './live/motivation.gateway.js';
import { MotivationTools } from './motivation-tools.js';
import type { Motivation } from './motivations/motivation.js';
import { MOTIVATIONS, MotivationRegistry } from './motivations/motivation-registry.js';
import { ownMotivations } from './motivations/own-motivations.js';
import { MotivationSeed } from './states/motivation-seed.service.js';
import { MotivationalStatesController } from './states/motivational-states.controller.js';
import { MotivationalStates } from './states/motivational-states.service.js';
import { StateChanges } from './states/state-changes.service.js';
import { MotivationalTaskQueries } from './tasks/motivational-task-queries.service.js';
import { MotivationalTasksController } from './tasks/motivational-tasks.controller.js';
import { OutcomeListener } from './tasks/outcome-listener.js';
import { RunningTasks } from './tasks/running-tasks.js';
import { SettleThoughtTool } from './tasks/settle-thought.tool.js';
import { Spawner } from './tasks/spawner.js';
import { TaskSettlement } from './tasks/task-settlement.js';

@Module({
  imports: [DurableModule, EventsModule, LlmModule, OrchestratorModule, SettingsModule, ToolsModule],
  controllers: [MotivationalStatesController, MotivationalTasksController, EngineController, DecisionsController],
  providers: [
    ...ownMotivations,
    { provide: MOTIVATIONS, useFactory: (...all: Motivation[]) => all, inject: ownMotivations },
    MotivationRegistry,
    MotivationSeed,
    MotivationalStates,
    StateChanges,
    SettleThoughtTool,
    MotivationTools,
    EngineReader,
    Engine,
    Observations,
    Spawning,
    Evaluation,
    Pruning,
    EvaluationClock,
    Decisions,
    Spawner,
    TaskSettlement,
    OutcomeListener,
    RunningTasks,
    MotivationalTaskQueries,
    MotivationGateway,
  ],
  exports: [MotivationRegistry, EngineReader],
})
export class MotivationModule {
  constructor(recovery: Recovery, pruning: Pruning) {
    recovery.onSweep(() => pruning.runWhenDue());
  }
}

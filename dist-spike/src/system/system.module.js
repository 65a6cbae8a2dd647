var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
import { Module } from '@nestjs/common';
import { DurableModule } from '../durable/durable.module.js';
import { LlmModule } from '../llm/llm.module.js';
import { MotivationModule } from '../motivation/motivation.module.js';
import { AboutService } from './about.service.js';
import { DatabaseHealth } from './components/database.health.js';
import { DurableHealth } from './components/durable.health.js';
import { EngineHealth } from './components/engine.health.js';
import { LlmHealth } from './components/llm.health.js';
import { ProcessHealth } from './components/process.health.js';
import { SandboxHealth } from './components/sandbox.health.js';
import { HEALTH_COMPONENTS } from './health-component.js';
import { HealthService } from './health.service.js';
import { RootController } from './root.controller.js';
import { SystemController } from './system.controller.js';
/** The parts that health is made of, in the order in which answers list them. */
const COMPONENTS = [DatabaseHealth, ProcessHealth, LlmHealth, DurableHealth, EngineHealth, SandboxHealth];
let SystemModule = class SystemModule {
};
SystemModule = __decorate([
    Module({
        imports: [DurableModule, LlmModule, MotivationModule],
        controllers: [RootController, SystemController],
        providers: [
            AboutService,
            HealthService,
            ...COMPONENTS,
            {
                provide: HEALTH_COMPONENTS,
                useFactory: (...components) => components,
                inject: COMPONENTS,
            },
        ],
    })
], SystemModule);
export { SystemModule };
//# sourceMappingURL=system.module.js.map
import { Controller, Get, Logger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppConfig } from '../../src/config/app-config.js';
import { StartError } from '../../src/config/start-error.js';
import { createLogger, NestLogger } from '../../src/http/logging.js';
import { checkRouteNames } from '../../src/http/route-names.js';
import { MotivationRegistry } from '../../src/motivation/motivations/motivation-registry.js';
import type { Motivation } from '../../src/motivation/motivations/motivation.js';
import { ValidationRules } from '../../src/orchestrator/agents/validator/validation-rules.js';
import type { ValidationRule } from '../../src/orchestrator/agents/validator/validation-rule.js';
import { StrategyRegistry } from '../../src/orchestrator/strategies/strategy-registry.js';
import type { Strategy } from '../../src/orchestrator/strategies/strategy.js';
import { STRATEGIES } from '../../src/orchestrator/workflows/workflow.values.js';
import type { DatabaseHealth } from '../../src/system/components/database.health.js';
import type { HealthComponent } from '../../src/system/health-component.js';
import { HealthService } from '../../src/system/health.service.js';

const strategies = STRATEGIES.map((name) => ({ name }) as Strategy);
const motivation = (type: string): Motivation => ({ type }) as Motivation;
const rule = { name: 'short' } as ValidationRule;
const part = { name: 'disk' } as HealthComponent;

@Controller('tickets')
class Tickets {
  @Get()
  list(): void {}

  open(): void {}
}

@Controller('notes')
class Notes {
  @Get()
  list(): void {}

  /** No route. */
  open(): void {}
}

describe('what an author of a module did wrong', () => {
  it.each<[string, () => unknown, string]>([
    [
      'a strategy without its class',
      () => new StrategyRegistry(strategies.slice(1)),
      `No strategy is named ${STRATEGIES[0]}: add its class to the list in src/orchestrator/orchestrator.module.ts.`,
    ],
    [
      'two strategies of one name',
      () => new StrategyRegistry([...strategies, ...strategies.slice(-1)]),
      `Two strategies are named ${STRATEGIES.at(-1)}: rename one, or take it out of the list in src/orchestrator/orchestrator.module.ts.`,
    ],
    [
      'two motivations of one type',
      () => new MotivationRegistry([motivation('tidy'), motivation('tidy')]),
      'Two motivations are named tidy: give one another type, or register it once.',
    ],
    [
      'a motivation that is no name',
      () => new MotivationRegistry([motivation('')]),
      '"" is no name of a motivation: give it a type of a-z and _, at most 100.',
    ],
    [
      'two rules of one name',
      () => new ValidationRules([rule, rule]),
      'Two validation rules are named short: rename one, or list it once.',
    ],
    [
      'two parts of health of one name',
      () => new HealthService([part, part], new AppConfig(), {} as DatabaseHealth),
      'Two parts of health are named disk: rename one, or take it out of the list in src/system/system.module.ts.',
    ],
    [
      'two routes whose methods have one name',
      () => checkRouteNames([Tickets, Notes]),
      'Two routes have a method named list, of Tickets and Notes: rename one, for it names the route in /openapi.json and in the audit log.',
    ],
  ])('is one sentence that says what to do: %s', (_, start, sentence) => {
    expect(start).toThrow(new StartError(sentence));
    expect(start).toThrow(StartError);
  });

  it('is told by whoever started NYX, and not by Nest before', async () => {
    const lines: string[] = [];
    const logger = new NestLogger(createLogger('info', { write: (line) => lines.push(line) }));

    @Module({ providers: [{ provide: 'rules', useFactory: () => new ValidationRules([rule, rule]) }] })
    class MistakenModule {}

    const start = NestFactory.createApplicationContext(MistakenModule, { logger, abortOnError: false });
    await expect(start).rejects.toThrow(StartError);
    Logger.overrideLogger(false);
    expect(lines).toEqual([]);
  });
});

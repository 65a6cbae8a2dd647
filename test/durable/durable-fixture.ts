import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppConfig } from '../../src/config/app-config.js';
import { ConfigModule } from '../../src/config/config.module.js';
import { configOf } from '../../src/config/load-config.js';
import { DatabaseModule } from '../../src/database/database.module.js';
import { Database } from '../../src/database/database.service.js';
import { DurableModule } from '../../src/durable/durable.module.js';
import { Durable } from '../../src/durable/durable.service.js';
import type { DurableInput } from '../../src/durable/durable.types.js';
import { entities } from '../../src/entities.js';

export type Flow = (durable: Durable, input: DurableInput) => Promise<void>;

@Module({})
class FlowModule {}

/** The durable room alone, with one durable function of the test. */
export class DurableFixture {
  private constructor(readonly context: INestApplicationContext) {}

  static async start(databaseUrl: string, flow: Flow, name = 'test-flow', atOnce = 50): Promise<DurableFixture> {
    const config = Object.assign(new AppConfig(), configOf({ NODE_ENV: 'test' }, '.'));
    Object.assign(config, {
      database: { ...config.database, url: databaseUrl },
      limits: { ...config.limits, maxConcurrentAgents: atOnce },
    });
    const module = {
      module: FlowModule,
      imports: [ConfigModule.forRoot(config), DatabaseModule.forRoot(entities), DurableModule],
      providers: [
        {
          provide: 'flow',
          inject: [Durable],
          useFactory: (durable: Durable) => {
            durable.register(name, (input) => flow(durable, input));
            return 'flow';
          },
        },
      ],
    };
    return new DurableFixture(
      await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false }),
    );
  }

  get durable(): Durable {
    return this.context.get(Durable);
  }

  get database(): Database {
    return this.context.get(Database);
  }

  async accept(id: string, name = 'test-flow'): Promise<void> {
    await this.database.transaction((tx) =>
      this.durable.accept(tx, { name, id, input: { workflowId: id }, priority: 1 }),
    );
    this.durable.kick();
  }

  async untilStatus(id: string, status: string): Promise<{ attempts: number }> {
    const deadlineMs = performance.now() + 50_000;
    while (performance.now() < deadlineMs) {
      const [row] = await this.database.query<{ status: string; attempts: string }>(
        'SELECT status, recovery_attempts AS attempts FROM durable.workflow_status WHERE workflow_uuid = $1',
        [id],
      );
      if (row?.status === status) return { attempts: Number(row.attempts) };
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error(`${id} did not become ${status}.`);
  }

  close(): Promise<void> {
    return this.context.close();
  }
}

/** A promise and how to resolve it. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

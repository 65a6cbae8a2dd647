import { setImmediate } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { newId } from '../../src/database/ids.js';
import { createLogger, NestLogger } from '../../src/http/logging.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { DurableFixture, gate, type Flow } from './durable-fixture.js';

interface Line {
  level: string;
  message: string;
  workflow_id?: string;
}

describe('a durable function with a mistake in it', () => {
  let database: TestDatabase;
  let fixture: DurableFixture | undefined;
  let lines: Line[];

  beforeEach(async () => {
    lines = [];
    database = await createTestDatabase();
  });
  afterEach(async () => {
    await fixture?.close();
    Logger.overrideLogger(false);
    await database.drop();
  });

  const start = async (flow: Flow): Promise<DurableFixture> => {
    await fixture?.close();
    fixture = await DurableFixture.start(database.url, flow);
    const write = (line: string): void => void lines.push(JSON.parse(line) as Line);
    Logger.overrideLogger(new NestLogger(createLogger('warn', { write })));
    return fixture;
  };
  const told = (): Line[] => lines.filter(({ message }) => message.includes('Cannot read properties'));

  it('is in the log once, as an error with its stack and the id of the workflow, and of the run that lost its claim nothing is', async () => {
    const [reached, held] = [gate(), gate()];
    const mistaken = async (): Promise<void> => {
      const nothing = [][0] as unknown as { strategy: string };
      await Promise.resolve(nothing.strategy);
    };
    const id = newId();
    const first = await start(async (durable) => {
      await durable.step('before', () => Promise.resolve(1));
      reached.open();
      await held.opened;
      await mistaken();
    });
    await first.accept(id);
    await reached.opened;
    await first.close();
    fixture = undefined;
    held.open();
    await setImmediate();
    expect(told()).toEqual([]);
    const second = await start(async (durable) => {
      await durable.step('before', () => Promise.resolve(1));
      await mistaken();
    });
    await second.untilStatus(id, 'ERROR');
    expect(told()).toEqual([expect.objectContaining({ level: 'error', workflow_id: id })]);
    expect(told()[0]?.message).toContain(`Workflow ${id} stopped on an internal error: TypeError: `);
    expect(told()[0]?.message).toContain('at mistaken (');
  });

  it('is told also when what it throws is no error', async () => {
    const { durable } = await start(() => {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- what is thrown here is what others may throw
      throw 'Cannot read properties of a text';
    });
    expect(durable.functionNames).toEqual(['test-flow']);
    const id = newId();
    await fixture?.accept(id);
    await fixture?.untilStatus(id, 'ERROR');
    expect(told()).toEqual([expect.objectContaining({ level: 'error', workflow_id: id })]);
  });
});

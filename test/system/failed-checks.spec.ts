import { Logger } from '@nestjs/common';
import { AppConfig } from '../../src/config/app-config.js';
import type { DatabaseHealth } from '../../src/system/components/database.health.js';
import type { HealthComponent } from '../../src/system/health-component.js';
import { HealthService } from '../../src/system/health.service.js';

const partOf = (name: string, check: HealthComponent['check']): HealthComponent => ({
  name,
  importance: 'supporting',
  complaint: `${name} is unwell.`,
  check,
});

describe('a part of health that cannot be asked', () => {
  let lines: string[];
  beforeEach(() => {
    lines = [];
    Logger.overrideLogger({ log: () => undefined, error: () => undefined, warn: (line: string) => lines.push(line) });
  });
  afterEach(() => {
    Logger.overrideLogger(false);
  });

  const healthOf = (...parts: HealthComponent[]): HealthService =>
    new HealthService(parts, new AppConfig(), {} as DatabaseHealth);

  it('is in the log with its name and its error, and the answer says nothing of the error', async () => {
    const health = healthOf(
      partOf('disk', () => {
        throw new TypeError('statfs of /secret/place is no function');
      }),
    );
    const { components } = await health.report();
    expect(components.disk).toEqual({ status: 'unhealthy', reason: 'Its check failed; the log says why.' });
    expect(lines).toEqual([
      expect.stringMatching(
        /^The health of disk could not be found out: TypeError: statfs of \/secret\/place is no function\n +at /,
      ),
    ]);
  });

  it('is told again when the error is another one, or has been away', async () => {
    let answer: () => Promise<{ status: 'healthy' }> = () => Promise.reject(new Error('first'));
    const health = healthOf(partOf('disk', () => answer()));
    await health.report();
    await health.report();
    expect(lines).toHaveLength(1);
    answer = () => Promise.reject(new Error('second'));
    await health.report();
    expect(lines).toHaveLength(2);
    answer = () => Promise.resolve({ status: 'healthy' });
    expect((await health.report()).components.disk).toEqual({ status: 'healthy' });
    answer = () => Promise.reject(new Error('second'));
    await health.report();
    expect(lines).toHaveLength(3);
  });

  it('is told when it is late', async () => {
    const health = healthOf(partOf('disk', () => new Promise(() => undefined)));
    expect((await health.report()).components.disk).toEqual({
      status: 'unhealthy',
      reason: 'Its check took too long.',
    });
    expect(lines).toEqual([expect.stringMatching(/^The health of disk could not be found out: .*longer than \d+ ms$/)]);
  });
});

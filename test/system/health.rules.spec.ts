import { complaintOf, overallStatus, type CheckedComponent } from '../../src/system/health.rules.js';
import type { ComponentStatus, HealthComponent } from '../../src/system/health-component.js';
import { readableUptime } from '../../src/system/uptime.rules.js';

const part = (name: string, importance: HealthComponent['importance'], status: ComponentStatus): CheckedComponent => ({
  component: { name, importance, complaint: `${name} is unwell.` },
  health: { status },
});

describe('overall health', () => {
  it('is healthy when every part that matters is', () => {
    const parts = [part('a', 'essential', 'healthy'), part('b', 'optional', 'unavailable')];
    expect(overallStatus(parts)).toBe('healthy');
    expect(complaintOf(parts)).toBeUndefined();
  });

  it('is unhealthy when an essential part is down, whatever else is wrong', () => {
    const parts = [part('a', 'supporting', 'degraded'), part('b', 'essential', 'unhealthy')];
    expect(overallStatus(parts)).toBe('unhealthy');
    expect(complaintOf(parts)).toBe('b is unwell.');
  });

  it('is degraded when a part limps or a supporting one is down', () => {
    expect(overallStatus([part('a', 'essential', 'degraded')])).toBe('degraded');
    expect(overallStatus([part('a', 'supporting', 'unhealthy')])).toBe('degraded');
  });
});

describe('uptime', () => {
  it.each([
    [0, '0s'],
    [59.9, '59s'],
    [3_600, '1h 0m 0s'],
    [93_784, '1d 2h 3m 4s'],
  ])('reads %d seconds as %s', (seconds, text) => {
    expect(readableUptime(seconds)).toBe(text);
  });
});

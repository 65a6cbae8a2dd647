import type { ComponentHealth, HealthComponent } from './health-component.js';

export const OVERALL_STATUSES = ['healthy', 'degraded', 'unhealthy'] as const;
export type OverallStatus = (typeof OVERALL_STATUSES)[number];

export interface CheckedComponent {
  readonly component: Pick<HealthComponent, 'name' | 'importance' | 'complaint'>;
  readonly health: ComponentHealth;
}

const isWell = ({ health }: CheckedComponent): boolean => health.status === 'healthy';

const weighed = (checked: readonly CheckedComponent[]): CheckedComponent[] =>
  checked.filter(({ component }) => component.importance !== 'optional');

const isFatal = ({ component, health }: CheckedComponent): boolean =>
  component.importance === 'essential' && health.status !== 'healthy' && health.status !== 'degraded';

/** Unhealthy when an essential part is down, degraded when anything but an optional part is not well. */
export function overallStatus(checked: readonly CheckedComponent[]): OverallStatus {
  if (checked.some(isFatal)) return 'unhealthy';
  return weighed(checked).every(isWell) ? 'healthy' : 'degraded';
}

/** The complaint of the first part that weighs most; undefined when all is well. */
export function complaintOf(checked: readonly CheckedComponent[]): string | undefined {
  const unwell = weighed(checked).filter((part) => !isWell(part));
  return (unwell.find(isFatal) ?? unwell[0])?.component.complaint;
}

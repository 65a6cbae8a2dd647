/** `not_initialized` and `unavailable` are states of parts that NYX can do without. */
export const COMPONENT_STATUSES = ['healthy', 'degraded', 'unhealthy', 'not_initialized', 'unavailable'] as const;
export type ComponentStatus = (typeof COMPONENT_STATUSES)[number];

export interface ComponentHealth {
  readonly status: ComponentStatus;
  /** More members of the answer, snake_case, without internals. */
  readonly [detail: string]: string | number | boolean | null | undefined;
}

/** One part of NYX that can be well or not. A new one is a class like this and a line in the list of `SystemModule`. */
export interface HealthComponent {
  /** Its key in the answers; no two components share one. */
  readonly name: string;
  /** Without an essential part NYX is unhealthy; without a supporting one it is degraded; optional ones only say how they are. */
  readonly importance: 'essential' | 'supporting' | 'optional';
  /** What is wrong when it is unhealthy: one sentence for callers. */
  readonly complaint: string;
  /** How it is now. What takes longer than a second, or throws, counts as unhealthy. */
  check(): ComponentHealth | Promise<ComponentHealth>;
}

/** Injection token of the list of components. */
export const HEALTH_COMPONENTS = Symbol('HealthComponents');

/** `not_initialized` and `unavailable` are states of parts that NYX can do without. */
export const COMPONENT_STATUSES = ['healthy', 'degraded', 'unhealthy', 'not_initialized', 'unavailable'];
/** Injection token of the list of components. */
export const HEALTH_COMPONENTS = Symbol('HealthComponents');
//# sourceMappingURL=health-component.js.map
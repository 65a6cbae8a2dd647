export { NyxClient, type NyxClientOptions } from './client.js';
export type { components as eventComponents } from './events.js';
export type { FollowOptions } from './follow.js';
export { type ErrorCode, type FieldError, NyxProblem } from './problem.js';
export type { components, paths } from './schema.js';
export type { WorkflowEvent } from './subscription.js';

import { socketProblem } from './socket-problem.js';

/** What a middleware of Socket.IO refuses with: the client gets `connect_error` with the problem in `data`. */
export function refusal(error: unknown): Error {
  const data = socketProblem(error);
  return Object.assign(new Error(data.message), { data });
}

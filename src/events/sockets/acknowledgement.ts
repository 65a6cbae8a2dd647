import { socketProblem, type SocketProblem } from './socket-problem.js';

export type Refused = { readonly ok: false } & SocketProblem;

export const refuse = (error: unknown): Refused => ({ ok: false, ...socketProblem(error) });

/** Answers the client, if it asked to be: `args` have the function then. */
export function acknowledge(args: readonly unknown[], answer: object): void {
  const answerTo = args.find((arg): arg is (answer: object) => void => typeof arg === 'function');
  answerTo?.(answer);
}

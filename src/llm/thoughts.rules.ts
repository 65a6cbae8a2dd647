import type { CallPlan } from './call-plan.js';
import type { ProviderFailure } from './providers/provider.js';

/**
 * A provider takes back what its model thought only behind exactly what it was thought of. Where that has changed, as by a prompt template
 * that was activated in the middle of a conversation, the conversation goes on without.
 * @returns the plan without the thoughts; undefined when it has none, or when they are not what the request was refused for
 */
export function planWithoutThoughts(plan: CallPlan, { status, message }: ProviderFailure): CallPlan | undefined {
  const { request } = plan;
  const { turns = [] } = request;
  if (status !== 400 || !/\bthinking\b/.test(message)) return undefined;
  if (turns.every(({ assistant }) => assistant.blocks === undefined)) return undefined;
  const spoken = turns.map((turn) => ({ ...turn, assistant: { ...turn.assistant, blocks: undefined } }));
  return { ...plan, request: { ...request, turns: spoken } };
}

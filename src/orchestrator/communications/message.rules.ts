import type { MessageType } from '../agents/agent.values.js';
import type { AgentPrompt } from '../planning/prompts.js';
import { cutText, untrustedText } from '../run/untrusted-text.rules.js';

export interface Message {
  readonly id: string;
  readonly sender_agent_id: string;
  /** What kind of task the sender is for. */
  readonly sender_class: string;
  readonly message_type: MessageType;
  readonly content: Readonly<Record<string, unknown>>;
  /** In which turn of its conversation the agent read it; null: not yet. */
  readonly turn: number | null;
}

/** What one prompt shows of a message, and of those that are new: the others wait for the next. */
const MAX_MESSAGE_BYTES = 4_000;
const MAX_NEW_BYTES = 16_000;
const MAX_NEW = 20;

const textOf = ({ content }: Message): string =>
  typeof content.text === 'string' ? content.text : JSON.stringify(content);

/** Those that the agent has read, and as many of the new ones, oldest first, as there is room for. */
export function toShow(messages: readonly Message[]): Message[] {
  let [count, bytes, isFull] = [0, 0, false];
  return messages.filter((message) => {
    if (message.turn !== null) return true;
    bytes += Math.min(MAX_MESSAGE_BYTES, Buffer.byteLength(textOf(message)));
    isFull ||= count >= MAX_NEW || bytes > MAX_NEW_BYTES;
    if (isFull) return false;
    count += 1;
    return true;
  });
}

/** Messages as a prompt shows them: data between tags. */
export const messagesText = (messages: readonly Message[], seed: string): string =>
  untrustedText(
    'agent_message',
    seed,
    messages.map((message) => ({
      attributes: { type: message.message_type, from: message.sender_agent_id, role: message.sender_class },
      body: cutText(textOf(message), MAX_MESSAGE_BYTES),
    })),
  );

/**
 * The prompt with each message where the agent read it: in its request, or behind the results of the turn before. What is new goes to
 * the end.
 * @param textFor the section that shows some messages
 */
export function withMessages<Prompt extends AgentPrompt>(
  prompt: Prompt,
  messages: readonly Message[],
  textFor: (messages: readonly Message[]) => string,
): Prompt {
  const turns = prompt.turns ?? [];
  const at = (turn: number): string | undefined => {
    const read = messages.filter((message) => Math.min(message.turn ?? turns.length, turns.length) === turn);
    return read.length === 0 ? undefined : textFor(read);
  };
  const first = at(0);
  return {
    ...prompt,
    prompt: first === undefined ? prompt.prompt : `${prompt.prompt}\n\n${first}`,
    ...(prompt.turns && {
      turns: turns.map((turn, index) => {
        const section = at(index + 1);
        if (section === undefined) return turn;
        return { ...turn, note: turn.note === undefined ? section : `${section}\n\n${turn.note}` };
      }),
    }),
  };
}

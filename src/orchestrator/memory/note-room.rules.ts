/** What a prompt shows of one memory among others, and of all: about 2,000 tokens. One alone may take all of it. */
const MAX_NOTE_BYTES = 2_000;
const MAX_NOTES_BYTES = 8_000;
/** What a memory agent is shown of one memory. */
export const MAX_SUMMARISED_BYTES = 4_000;
/** From here on so much of what is relevant would be left out that a model call to condense it is worth its price. */
const SUMMARISE_FROM_BYTES = 2 * MAX_NOTES_BYTES;

interface Note {
  readonly content: string;
}

const bytesOf = ({ content }: Note): number => Buffer.byteLength(content);

export const roomForEach = (notes: number): number => (notes === 1 ? MAX_NOTES_BYTES : MAX_NOTE_BYTES);

/** Those of the memories, in their order, that there is room for in a prompt. */
export function fitting<Memory extends Note>(memories: readonly Memory[]): Memory[] {
  let left = MAX_NOTES_BYTES;
  return memories.filter((memory) => {
    const bytes = Math.min(MAX_NOTE_BYTES, bytesOf(memory));
    if (bytes > left) return false;
    left -= bytes;
    return true;
  });
}

/** Whether memories are to be condensed before they are shown: several that are together twice as long as there is room for. */
export const isWorthSummary = (memories: readonly Note[]): boolean =>
  memories.length > 1 && memories.reduce((sum, memory) => sum + bytesOf(memory), 0) > SUMMARISE_FROM_BYTES;

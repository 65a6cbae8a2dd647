import { cutMiddle } from '../../database/cut.rules.js';

export interface SubtaskResult {
  readonly title: string;
  readonly content: string;
}

/** Of the tokens of prose and code; a script that takes fewer bytes a token has room to spare at `SHARE`. */
const BYTES_PER_TOKEN = 3;
/** Of the model's window. A sub-orchestrator's part builds on results, and so may each of its subtasks: two of these and an answer fit. */
const SHARE = 0.4;
/** Of the elements about a result, and of the words that say what is left out. */
const FRAME_BYTES = 100;

/** The results that a prompt shows, and what is to be known of them. */
export interface ShownResults {
  readonly results: readonly SubtaskResult[];
  /** undefined: they are whole. */
  readonly warning: string | undefined;
}

/** What the results in one prompt may take, in bytes. `contextWindow`: in tokens */
export const roomForResults = (contextWindow: number): number => Math.floor(contextWindow * SHARE * BYTES_PER_TOKEN);

/**
 * Results as one prompt shows them: whole where together they have room, else the longest of them cut to one length, so that short ones
 * stay whole and none is left out.
 * @param room in bytes of UTF-8
 */
export function shownResults(results: readonly SubtaskResult[], room: number): ShownResults {
  const frames = results.reduce((sum, { title }) => sum + bytesOf(title) + FRAME_BYTES, 0);
  const most = longestFitting(
    results.map(({ content }) => bytesOf(content)),
    room - frames,
  );
  const shown = results.map(({ title, content }) => ({ title, content: cutMiddle(content, most) }));
  const count = shown.filter(({ content }, index) => content !== results[index]?.content).length;
  if (count === 0) return { results, warning: undefined };
  const warning = `${count} of the ${results.length} results were too long together for the model: it was shown ${most} bytes of each of them.`;
  return { results: shown, warning };
}

/** The greatest length to which all are cut that are longer, so that their sum is no more than `room`. */
function longestFitting(lengths: readonly number[], room: number): number {
  let left = Math.max(0, room);
  const ascending = lengths.toSorted((one, other) => one - other);
  for (const [index, length] of ascending.entries()) {
    const each = Math.floor(left / (ascending.length - index));
    if (length > each) return each;
    left -= length;
  }
  return Infinity;
}

const bytesOf = (text: string): number => Buffer.byteLength(text, 'utf8');

export const resultsText = (results: readonly SubtaskResult[]): string =>
  results.map(({ title, content }) => `<result>\n${title}\n\n${content}\n</result>`).join('\n\n');

/** What an operation does at most. */
export const MAX_FILE_BYTES = 100 * 1024 * 1024;
/** Entries, matches or copied files that one operation has to do with. */
export const MAX_ENTRIES = 1000;
export const MAX_DEPTH = 10;
export const TIMEOUT_MS = 60_000;
/** Of text in an answer, as JSON: what is told beside it has to fit into a mebibyte too. */
export const MAX_ANSWER_BYTES = 1024 * 1024 - 16 * 1024;

/** Bytes that a value has in an answer. */
export const answerBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

export const fileTooLarge = (path: string): string =>
  `${JSON.stringify(path)} is larger than 100 MB, which is the most that is read of one file.`;

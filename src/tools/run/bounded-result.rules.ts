import { cutTo } from '../../database/cut.rules.js';
import { storableText, storableValue } from '../../database/storable.js';
import type { ToolResult } from '../tool.js';

/** Kept of the output as JSON, of stdout and of stderr, each in bytes of UTF-8; the rest is counted. */
export const KEPT_BYTES = 1024 * 1024;
const KEPT_METADATA_BYTES = 64 * 1024;
const KEPT_MESSAGE_LENGTH = 2_000;
/** Deeper output is kept as the text of its JSON. */
const MAX_OUTPUT_DEPTH = 100;
const MAX_EXIT_CODE = 2 ** 31 - 1;

type Metadata = Record<string, unknown>;

interface Bounded<T> {
  readonly value: T;
  /** What was done to it, under names that begin with what it is. */
  readonly notes: Metadata;
}

/**
 * A result that can be stored and shown: of bounded size, of storable characters, plain JSON. What was cut or changed is in
 * its metadata: `<part>_truncated` with `<part>_total_bytes`, `<part>_binary`, `output_as_text`.
 * @throws TypeError when the output is no JSON
 */
export function boundedResult(result: ToolResult): ToolResult {
  const output = boundedOutput(result.output);
  const stdout = boundedStream('stdout', result.stdout);
  const stderr = boundedStream('stderr', result.stderr);
  const given = boundedMetadata(result.metadata);
  const { exitCode, errorMessage } = result;
  return {
    success: result.success,
    output: output.value,
    metadata: { ...given.value, ...given.notes, ...output.notes, ...stdout.notes, ...stderr.notes },
    ...(errorMessage !== undefined && { errorMessage: messageOf(errorMessage) }),
    ...(stdout.value !== undefined && { stdout: stdout.value }),
    ...(stderr.value !== undefined && { stderr: stderr.value }),
    ...(exitCode !== undefined && isExitCode(exitCode) && { exitCode }),
  };
}

export const messageOf = (text: string): string => cutTo(storableText(text), KEPT_MESSAGE_LENGTH);

function boundedOutput(output: unknown): Bounded<unknown> {
  if (output instanceof ArrayBuffer || ArrayBuffer.isView(output)) {
    return { value: null, notes: { output_binary: true, output_total_bytes: output.byteLength } };
  }
  if (typeof output === 'string') {
    const { value, notes } = boundedStream('output', output);
    return { value: value ?? null, notes };
  }
  const text = JSON.stringify(output ?? null) as string | undefined;
  if (text === undefined) throw new TypeError('The output is no JSON.');
  const totalBytes = Buffer.byteLength(text);
  if (totalBytes > KEPT_BYTES) {
    const notes = { output_truncated: true, output_total_bytes: totalBytes, output_as_text: true };
    return { value: storableText(beginningOf(text, KEPT_BYTES)), notes };
  }
  const parsed = JSON.parse(text) as unknown;
  if (isDeeper(parsed, MAX_OUTPUT_DEPTH)) return { value: storableText(text), notes: { output_as_text: true } };
  return { value: storableValue(parsed), notes: {} };
}

function boundedStream(name: string, text: string | undefined): Bounded<string | undefined> {
  if (text === undefined) return { value: undefined, notes: {} };
  const totalBytes = Buffer.byteLength(text);
  const isTruncated = totalBytes > KEPT_BYTES;
  const kept = isTruncated ? beginningOf(text, KEPT_BYTES) : text;
  return {
    value: beginningOf(storableText(kept), KEPT_BYTES),
    notes: {
      ...(isTruncated && { [`${name}_truncated`]: true, [`${name}_total_bytes`]: totalBytes }),
      ...(kept.includes('\0') && { [`${name}_binary`]: true }),
    },
  };
}

function boundedMetadata(metadata: ToolResult['metadata']): Bounded<Metadata> {
  if (metadata === undefined) return { value: {}, notes: {} };
  const text = JSON.stringify(metadata);
  const totalBytes = Buffer.byteLength(text);
  const parsed = JSON.parse(text) as unknown;
  if (totalBytes > KEPT_METADATA_BYTES || isDeeper(parsed, MAX_OUTPUT_DEPTH)) {
    return { value: {}, notes: { metadata_truncated: true, metadata_total_bytes: totalBytes } };
  }
  return { value: storableValue(parsed) as Metadata, notes: {} };
}

/** At most so many bytes of UTF-8, never half a character. */
function beginningOf(text: string, maxBytes: number): string {
  // No character has less than a byte a code unit, so what follows can never belong to it.
  const bytes = Buffer.from(text.slice(0, maxBytes + 1));
  if (bytes.length <= maxBytes) return text;
  let end = maxBytes;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.toString('utf8', 0, end);
}

function isDeeper(root: unknown, maxDepth: number): boolean {
  const pending = [{ value: root, depth: 0 }];
  for (let visit = pending.pop(); visit; visit = pending.pop()) {
    if (typeof visit.value !== 'object' || visit.value === null) continue;
    if (visit.depth >= maxDepth) return true;
    for (const value of Object.values(visit.value) as unknown[]) pending.push({ value, depth: visit.depth + 1 });
  }
  return false;
}

const isExitCode = (code: number): boolean => Number.isInteger(code) && Math.abs(code) <= MAX_EXIT_CODE;

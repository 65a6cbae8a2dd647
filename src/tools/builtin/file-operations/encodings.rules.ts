import { isUtf8 } from 'node:buffer';
import { detect } from 'chardet';
import iconv from 'iconv-lite';
import { binaryKindOf } from './binary-kinds.rules.js';

/** What texts are read and written in, by iconv-lite's names. */
export const ENCODINGS = [
  'utf-8',
  'utf-8-bom',
  'utf-16le',
  'utf-16be',
  'windows-1250',
  'windows-1251',
  'windows-1252',
  'windows-1253',
  'windows-1254',
  'windows-1255',
  'windows-1256',
  'iso-8859-1',
  'iso-8859-2',
  'koi8-r',
  'shift_jis',
  'euc-jp',
  'gb18030',
  'big5',
  'euc-kr',
] as const;
export type EncodingName = (typeof ENCODINGS)[number];

export type FileKind =
  | { readonly isBinary: false; readonly encoding: EncodingName }
  | { readonly isBinary: true; readonly mediaType: string };

/** Turns the bytes of a file into text, chunk by chunk. A byte order mark is no text. */
export interface TextDecoder {
  write(bytes: Buffer): string;
  end(): string;
}

/** Bytes from the beginning of a file that say what it is. */
export const SAMPLE_BYTES = 65_536;

const MARKS: readonly (readonly [EncodingName, readonly number[]])[] = [
  ['utf-8-bom', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];
/** What is guessed from; more takes long and tells no more. */
const GUESSED_BYTES = 8192;
const UTF16_PAIRS = 256;
/** Below this share of control characters bytes of no known encoding are still text. */
const MOST_CONTROLS = 0.05;

/** Encodings that are told by one name and are, by the bytes that only it uses, another. */
const SUPERSETS: Readonly<Record<string, EncodingName>> = {
  ascii: 'windows-1252',
  'iso-8859-1': 'windows-1252',
  'iso-8859-2': 'iso-8859-2',
  'iso-8859-5': 'windows-1251',
  'iso-8859-6': 'windows-1256',
  'iso-8859-7': 'windows-1253',
  'iso-8859-8': 'windows-1255',
  'iso-8859-9': 'windows-1254',
};

/** What a file is, by the bytes it begins with. @param isWhole whether these are all its bytes */
export function kindOf(sample: Buffer, isWhole: boolean): FileKind {
  const mediaType = binaryTypeOf(sample, isWhole);
  if (mediaType !== undefined) return { isBinary: true, mediaType };
  const encoding = markOf(sample) ?? unmarkedEncoding(sample, isWhole);
  return { isBinary: false, encoding };
}

/** Undefined when it is text. */
export function binaryTypeOf(sample: Buffer, isWhole: boolean): string | undefined {
  if (markOf(sample) !== undefined) return undefined;
  const known = binaryKindOf(sample);
  if (known !== undefined) return known;
  const isText = sample.includes(0)
    ? unmarkedUtf16(sample) !== undefined
    : isWholeUtf8(sample, isWhole) || shareOfControls(sample) <= MOST_CONTROLS;
  return isText ? undefined : 'application/octet-stream';
}

export function decoderOf(encoding: EncodingName): TextDecoder {
  const decoder = iconv.getDecoder(encoding === 'utf-8-bom' ? 'utf-8' : encoding);
  return { write: (bytes) => decoder.write(bytes), end: () => decoder.end() ?? '' };
}

/** @returns undefined when the encoding has no such character */
export function encode(text: string, encoding: EncodingName): Buffer | undefined {
  const name = encoding === 'utf-8-bom' ? 'utf-8' : encoding;
  // Without its mark nothing would tell UTF-16 from other bytes.
  const addBOM = encoding === 'utf-8-bom' || encoding.startsWith('utf-16');
  const bytes = iconv.encode(text, name, { addBOM });
  return iconv.decode(bytes, name, { stripBOM: addBOM }) === text ? bytes : undefined;
}

const markOf = (sample: Buffer): EncodingName | undefined =>
  MARKS.find(([, mark]) => mark.every((byte, index) => sample[index] === byte))?.[0];

function unmarkedEncoding(sample: Buffer, isWhole: boolean): EncodingName {
  if (sample.includes(0)) return unmarkedUtf16(sample) ?? 'utf-8';
  return isWholeUtf8(sample, isWhole) ? 'utf-8' : guessed(sample);
}

const isWholeUtf8 = (sample: Buffer, isWhole: boolean): boolean =>
  isUtf8(isWhole ? sample : withoutCutCharacter(sample));

function guessed(sample: Buffer): EncodingName {
  // What is ASCII tells nothing.
  const first = Math.max(0, sample.findIndex((byte) => byte > 0x7f) - GUESSED_BYTES / 8);
  const name = (detect(sample.subarray(first, first + GUESSED_BYTES)) ?? 'ascii').toLowerCase();
  return ENCODINGS.find((encoding) => encoding === name && !(name in SUPERSETS)) ?? SUPERSETS[name] ?? 'windows-1252';
}

/** Texts in UTF-16 have a zero in every second byte where they are ASCII, and hardly any in the others. */
function unmarkedUtf16(sample: Buffer): EncodingName | undefined {
  const pairs = Math.min(UTF16_PAIRS, Math.floor(sample.length / 2));
  const zeros = [0, 0];
  for (let index = 0; index < pairs * 2; index++) {
    if (sample[index] === 0) zeros[index % 2] = (zeros[index % 2] ?? 0) + 1;
  }
  const [even = 0, odd = 0] = zeros;
  if (Math.max(even, odd) < pairs * 0.4 || Math.min(even, odd) > 0) return undefined;
  const encoding = odd > even ? 'utf-16le' : 'utf-16be';
  const text = iconv.decode(sample.subarray(0, pairs * 2), encoding);
  return shareOfControls(Buffer.from(text)) === 0 ? encoding : undefined;
}

/** A sample may end within a character of up to four bytes. */
function withoutCutCharacter(sample: Buffer): Buffer {
  for (let back = 1; back <= 3 && back < sample.length; back++) {
    const byte = sample[sample.length - back] ?? 0;
    if (byte >= 0xc0) return sample.subarray(0, sample.length - back);
    if (byte < 0x80) break;
  }
  return sample;
}

function shareOfControls(sample: Buffer): number {
  let controls = 0;
  for (const byte of sample)
    if ((byte < 0x20 && !(byte >= 0x08 && byte <= 0x0d) && byte !== 0x1b) || byte === 0x7f) controls += 1;
  return controls / Math.max(1, sample.length);
}

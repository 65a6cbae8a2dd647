/** What the files begin with that could be taken for text, or that are worth a name. */
const BEGINNINGS: readonly (readonly [mediaType: string, latin1: string, offset?: number])[] = [
  ['image/png', '\x89PNG\r\n\x1a\n'],
  ['image/jpeg', '\xff\xd8\xff'],
  ['image/gif', 'GIF87a'],
  ['image/gif', 'GIF89a'],
  ['image/webp', 'WEBP', 8],
  ['image/x-icon', '\x00\x00\x01\x00'],
  ['application/pdf', '%PDF-'],
  ['application/zip', 'PK\x03\x04'],
  ['application/zip', 'PK\x05\x06'],
  ['application/gzip', '\x1f\x8b'],
  ['application/x-bzip2', 'BZh'],
  ['application/x-xz', '\xfd7zXZ\x00'],
  ['application/zstd', '\x28\xb5\x2f\xfd'],
  ['application/x-7z-compressed', "7z\xbc\xaf'\x1c"],
  ['application/x-tar', 'ustar', 257],
  ['application/x-executable', '\x7fELF'],
  ['application/x-mach-binary', '\xcf\xfa\xed\xfe'],
  ['application/java-vm', '\xca\xfe\xba\xbe'],
  ['application/wasm', '\x00asm'],
  ['application/vnd.sqlite3', 'SQLite format 3\x00'],
  ['audio/mpeg', 'ID3'],
  ['audio/wav', 'WAVE', 8],
  ['audio/flac', 'fLaC'],
  ['application/ogg', 'OggS'],
  ['video/mp4', 'ftyp', 4],
  ['font/woff', 'wOFF'],
  ['font/woff2', 'wOF2'],
];

/** The media type of a known kind of binary file, by its first bytes. */
export function binaryKindOf(sample: Buffer): string | undefined {
  const head = sample.subarray(0, 512).toString('latin1');
  return BEGINNINGS.find(([, beginning, offset = 0]) => head.startsWith(beginning, offset))?.[0];
}

import chardet from 'chardet';
import iconv from 'iconv-lite';

const TEXTUAL =
  /^(text\/|application\/(.*\+)?(json|xml|yaml|x-yaml|toml|javascript|ecmascript|x-javascript|x-ndjson|jsonl|x-www-form-urlencoded|graphql|sql)$|image\/svg\+xml$|message\/)/;
const SNIFFED_BYTES = 65_536;

/**
 * What the bytes of an answer say, or undefined when they are no text. By their byte order mark, else the charset they are sent
 * with, else as UTF-8; what is called text and is none of these is guessed.
 *
 * @param bytes may end in the middle of a character
 */
export function textOf(bytes: Uint8Array, contentType: string | undefined): string | undefined {
  const text = decode(bytes, contentType);
  return text?.includes('\0') === true ? undefined : text?.toWellFormed();
}

function decode(bytes: Uint8Array, contentType = ''): string | undefined {
  const [type = '', ...parameters] = contentType.toLowerCase().split(';');
  const marked = markedEncoding(bytes);
  if (marked !== undefined) return new TextDecoder(marked).decode(bytes);
  const charset = /^\s*charset\s*=\s*"?([^"\s]+)"?\s*$/;
  const named = parameters.map((parameter) => charset.exec(parameter)?.[1]).find((name) => name !== undefined);
  if (named !== undefined && !/^utf-?8$/.test(named) && iconv.encodingExists(named)) {
    return iconv.decode(Buffer.from(bytes), named);
  }
  const utf8 = utf8Of(bytes);
  if (utf8 !== undefined || !TEXTUAL.test(type.trim())) return utf8;
  const guessed = chardet.detect(bytes.subarray(0, SNIFFED_BYTES)) ?? 'windows-1252';
  return iconv.decode(Buffer.from(bytes), iconv.encodingExists(guessed) ? guessed : 'windows-1252');
}

function markedEncoding(bytes: Uint8Array): string | undefined {
  const [first, second, third] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : undefined;
}

function utf8Of(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return undefined;
  }
}

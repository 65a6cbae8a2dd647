/** As much of a file as is looked at to say what it is. */
export const SNIFFED_BYTES = 4096;

/** The first bytes decide; a browser is told to save it either way. */
export function contentTypeOf(firstBytes: Uint8Array): string {
  if (firstBytes.includes(0)) return 'application/octet-stream';
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(firstBytes, { stream: true });
    return 'text/plain; charset=utf-8';
  } catch {
    return 'application/octet-stream';
  }
}

/** `Content-Disposition` (RFC 6266) that no name can break out of. */
export function attachment(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["%\\]/g, '_');
  const exact = encodeURIComponent(name).replace(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${exact}`;
}

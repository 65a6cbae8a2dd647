const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Counts the bytes of the message that is being received: an event up to its empty line, or all there is. */
export class MessageMeasure {
  private bytes = 0;
  private isLineEmpty = true;

  constructor(private readonly isEventStream: boolean) {}

  /** @returns the bytes of the longest message that this chunk belongs to, as far as they have come */
  add(chunk: Uint8Array): number {
    if (!this.isEventStream) return (this.bytes += chunk.length);
    let longest = this.bytes;
    for (const byte of chunk) {
      this.bytes += 1;
      if (byte === CARRIAGE_RETURN) continue;
      if (byte === LINE_FEED && this.isLineEmpty) {
        longest = Math.max(longest, this.bytes);
        this.bytes = 0;
      }
      this.isLineEmpty = byte === LINE_FEED;
    }
    return Math.max(longest, this.bytes);
  }
}

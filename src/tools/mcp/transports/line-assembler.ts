const MANY_PIECES = 256;
const NEW_LINE = 0x0a;

/** A line was longer than it may be. */
export class LineTooLong extends Error {
  constructor(maxBytes: number) {
    super(`a message of more than ${maxBytes} bytes`);
    this.name = 'LineTooLong';
  }
}

/** Puts lines together from chunks, however small they are, and holds no more than one line. */
export class LineAssembler {
  private pieces: Buffer[] = [];
  private bytes = 0;

  constructor(private readonly maxBytes: number) {}

  /** @returns the lines that end in this chunk @throws LineTooLong */
  *push(chunk: Buffer): Generator<string> {
    let start = 0;
    for (let end = chunk.indexOf(NEW_LINE); end !== -1; end = chunk.indexOf(NEW_LINE, start)) {
      this.add(chunk.subarray(start, end));
      yield this.take();
      start = end + 1;
    }
    this.add(chunk.subarray(start));
  }

  private add(piece: Buffer): void {
    this.bytes += piece.length;
    if (this.bytes > this.maxBytes) throw new LineTooLong(this.maxBytes);
    if (piece.length > 0) this.pieces.push(piece);
    if (this.pieces.length > MANY_PIECES) this.pieces = [Buffer.concat(this.pieces)];
  }

  private take(): string {
    const line = Buffer.concat(this.pieces).toString('utf8').replace(/\r$/, '');
    this.pieces = [];
    this.bytes = 0;
    return line;
  }
}

import type { ToolContext } from '../../tool.js';
import { type WalkedEntry, WorkspaceError } from '../../workspace/workspace.js';
import { decoderOf, kindOf, type TextDecoder } from './encodings.rules.js';
import { type Truncation, truncation } from './entry-listing.js';
import { ChunkBuffers, chunksOf, FILES_AT_ONCE } from './file-chunks.js';
import { type FileOperation, succeeded } from './file-operation.js';
import { compileGlob, matcherBelow } from './glob.rules.js';
import { inOrder } from './in-order.js';
import { answerBytes, MAX_ANSWER_BYTES, MAX_DEPTH, MAX_ENTRIES, MAX_FILE_BYTES } from './limits.js';
import { type LineMatch, MatchingLines } from './matching-lines.js';
import type { FileParameters } from './parameters.js';
import { patternErrors } from './pattern-errors.js';
import { compilePattern, type LinePattern } from './pattern.rules.js';
import { Tree } from './tree.js';

/** Lines that match, in all text files of a folder, as ripgrep finds them: what `.gitignore` files leave out is left out unless asked for. */
export const findPattern: FileOperation = {
  risk: 'read',
  isRepeatable: true,
  needs: ['pattern'],
  check: (parameters) => [
    ...patternErrors('pattern', () => patternOf(parameters)),
    ...patternErrors('include', () => compileGlob(parameters.include ?? '**')),
  ],
  async run(parameters, context) {
    const search = new Search(parameters, context);
    const { path = '.', pattern } = parameters;
    const { matches, truncated } = await search.collect();
    return succeeded({ path, pattern, matches, ...truncation(truncated) }, search.figures);
  },
};

const patternOf = ({ pattern = '', case_sensitive: isCaseSensitive = true }: FileParameters): LinePattern =>
  compilePattern(pattern, { isCaseSensitive });

interface FileOutcome {
  readonly path: string;
  readonly matches: readonly LineMatch[];
}

class Search {
  private readonly pattern: LinePattern;
  private readonly tree: Tree;
  private readonly maxMatches: number;
  private readonly buffers = new ChunkBuffers();
  private isStopped = false;
  private searchedFiles = 0;
  private binaryFiles = 0;
  private unreadFiles = 0;
  private cutLines = 0;

  constructor(
    private readonly parameters: FileParameters,
    private readonly context: ToolContext,
  ) {
    const {
      path = '.',
      recursive = true,
      max_depth: maxDepth = MAX_DEPTH,
      include_ignored: withIgnored = false,
    } = parameters;
    this.pattern = patternOf(parameters);
    this.tree = new Tree(path, context, { maxDepth: recursive ? maxDepth : 1, withIgnored });
    this.maxMatches = Math.min(MAX_ENTRIES, parameters.max_lines ?? MAX_ENTRIES);
  }

  get figures(): Readonly<Record<string, number>> {
    return {
      searched_files: this.searchedFiles,
      binary_files: this.binaryFiles,
      unread_files: this.unreadFiles,
      lines_searched_in_part: this.cutLines,
      skipped_ignore_rules: this.tree.skippedRules,
    };
  }

  async collect(): Promise<{ matches: (LineMatch & { path: string })[]; truncated?: Truncation }> {
    const matches: (LineMatch & { path: string })[] = [];
    let bytes = 0;
    try {
      for await (const { path, matches: found } of inOrder(this.files(), FILES_AT_ONCE, (file) => this.search(file))) {
        for (const match of found) {
          const next = { path, ...match };
          bytes += answerBytes(next) + 1;
          if (matches.length === this.maxMatches) return { matches, truncated: 'entries' };
          if (bytes > MAX_ANSWER_BYTES) return { matches, truncated: 'bytes' };
          matches.push(next);
        }
      }
    } finally {
      this.isStopped = true;
    }
    return this.tree.isCutShort ? { matches, truncated: 'time' } : { matches };
  }

  private async *files(): AsyncGenerator<WalkedEntry> {
    const { path = '.', include = '**' } = this.parameters;
    const isIncluded = matcherBelow(await this.context.workspace.stat(path), compileGlob(include));
    for await (const entry of this.tree) if (entry.type === 'file' && isIncluded(entry)) yield entry;
  }

  private async search(entry: WalkedEntry): Promise<FileOutcome> {
    const nothing = { path: entry.path, matches: [] };
    if (entry.sizeBytes > MAX_FILE_BYTES) {
      this.unreadFiles += 1;
      return nothing;
    }
    try {
      const lines = await this.linesOf(entry);
      return lines ? { path: entry.path, matches: lines.matches } : nothing;
    } catch (error) {
      // Gone since it was met, or what is never opened, such as a hard link.
      if (!(error instanceof WorkspaceError)) throw error;
      this.unreadFiles += 1;
      return nothing;
    }
  }

  /** @returns undefined when it is no text */
  private async linesOf(entry: WalkedEntry): Promise<MatchingLines | undefined> {
    const file = await entry.open();
    const buffer = this.buffers.take();
    try {
      const lines = new MatchingLines(this.pattern, this.parameters.context_lines ?? 0, this.maxMatches + 1);
      let decoder: TextDecoder | undefined;
      for await (const chunk of chunksOf(file, buffer)) {
        if (!decoder) {
          const kind = kindOf(chunk, chunk.length === file.sizeBytes);
          if (kind.isBinary) {
            this.binaryFiles += 1;
            return undefined;
          }
          decoder = decoderOf(kind.encoding);
        }
        await this.look(lines, decoder.write(chunk));
        if (lines.isFull || this.isStopped || this.tree.isCutShort) break;
      }
      await this.look(lines, decoder?.end() ?? '');
      lines.end();
      this.searchedFiles += 1;
      this.cutLines += lines.cutLines;
      return lines;
    } finally {
      this.buffers.give(buffer);
      await file.handle.close();
    }
  }

  /** In pieces that are soon done. */
  private async look(lines: MatchingLines, text: string): Promise<void> {
    const pieceChars = this.pattern.maxLineChars;
    for (let start = 0; start < text.length; start += pieceChars) {
      lines.push(pieceChars >= text.length ? text : text.slice(start, start + pieceChars));
      await this.tree.pace.step();
      if (this.tree.pace.isOver) this.tree.isCutShort = true;
    }
  }
}

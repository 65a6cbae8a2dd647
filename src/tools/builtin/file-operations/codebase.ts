import { cutTo } from '../../../database/cut.rules.js';
import type { WorkspaceEntry } from '../../workspace/workspace.js';
import type { Dependency } from './dependency.js';
import { languageOf } from './languages.rules.js';
import { answerBytes, MAX_ANSWER_BYTES } from './limits.js';
import type { Manifest } from './manifests.rules.js';

const LARGEST_FILES = 10;
const MAX_MANIFESTS = 100;
const MAX_DEPENDENCIES = 200;
const MAX_NAME_CHARS = 200;
/** Of manifests in an answer; the rest of it has a bound of its own. */
const MAX_MANIFEST_BYTES = MAX_ANSWER_BYTES / 2;

export interface FileFigures {
  readonly entry: WorkspaceEntry;
  /** Undefined when it was not read. */
  readonly lines: number | undefined;
  readonly isBinary: boolean;
  /** Undefined when it is no manifest; `unreadable` when it is not what its name says. */
  readonly manifest: Manifest | 'unreadable' | undefined;
}

interface Sums {
  files: number;
  lines: number;
  bytes: number;
}

/** The figures of a codebase, file by file. What it holds does not grow with the number of files. */
export class Codebase {
  private readonly total: Sums = { files: 0, lines: 0, bytes: 0 };
  private readonly binary: Sums = { files: 0, lines: 0, bytes: 0 };
  private readonly languages = new Map<string, Sums>();
  private largest: { path: string; size_bytes: number }[] = [];
  private readonly manifests: unknown[] = [];
  private manifestCount = 0;
  private manifestBytes = 0;
  private unreadFiles = 0;

  add({ entry, lines, isBinary, manifest }: FileFigures): void {
    const figures = { lines: lines ?? 0, bytes: entry.sizeBytes };
    addTo(this.total, figures);
    if (lines === undefined) this.unreadFiles += 1;
    else addTo(isBinary ? this.binary : this.sumsOf(languageOf(entry.path) ?? 'Other'), figures);
    this.rank(entry);
    if (manifest) this.addManifest(entry.path, manifest);
  }

  get figures(): Readonly<Record<string, unknown>> {
    const languages = [...this.languages].sort(([, one], [, other]) => other.bytes - one.bytes);
    const textBytes = languages.reduce((sum, [, { bytes }]) => sum + bytes, 0);
    return {
      files: this.total.files,
      total_bytes: this.total.bytes,
      total_lines: this.total.lines,
      languages: languages.map(([language, sums]) => ({
        language,
        ...sums,
        share: textBytes === 0 ? 0 : Number((sums.bytes / textBytes).toFixed(4)),
      })),
      binary: { files: this.binary.files, bytes: this.binary.bytes },
      unread_files: this.unreadFiles,
      largest_files: this.largest,
      manifests: this.manifests,
      /** Of which as many are told as there is room for. */
      manifest_count: this.manifestCount,
    };
  }

  private sumsOf(language: string): Sums {
    const known = this.languages.get(language);
    if (known) return known;
    const sums = { files: 0, lines: 0, bytes: 0 };
    this.languages.set(language, sums);
    return sums;
  }

  private rank({ path, sizeBytes }: WorkspaceEntry): void {
    const smallest = this.largest.at(-1);
    if (smallest && this.largest.length === LARGEST_FILES && smallest.size_bytes >= sizeBytes) return;
    this.largest.push({ path, size_bytes: sizeBytes });
    this.largest.sort((one, other) => other.size_bytes - one.size_bytes);
    this.largest = this.largest.slice(0, LARGEST_FILES);
  }

  private addManifest(path: string, manifest: Manifest | 'unreadable'): void {
    this.manifestCount += 1;
    const told = manifest === 'unreadable' ? { path, unreadable: true } : toldManifest(path, manifest);
    const bytes = answerBytes(told) + 1;
    if (this.manifests.length === MAX_MANIFESTS || this.manifestBytes + bytes > MAX_MANIFEST_BYTES) return;
    this.manifestBytes += bytes;
    this.manifests.push(told);
  }
}

const toldManifest = (path: string, { ecosystem, dependencies }: Manifest): unknown => ({
  path,
  ecosystem,
  dependency_count: dependencies.length,
  dependencies: dependencies.slice(0, MAX_DEPENDENCIES).map(shortened),
});

function addTo(sums: Sums, { lines, bytes }: { lines: number; bytes: number }): void {
  sums.files += 1;
  sums.lines += lines;
  sums.bytes += bytes;
}

/** Strings of their own, that do not hold the text they are from. */
const shortened = ({ name, version, kind }: Dependency): Record<string, string | null> => ({
  name: copied(name),
  version: version === undefined ? null : copied(version),
  kind,
});

const copied = (text: string): string => Buffer.from(cutTo(text, MAX_NAME_CHARS)).toString();

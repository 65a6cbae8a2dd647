import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');

export interface Block {
  /** What stands after the opening fence, such as `bash run`. */
  readonly info: string;
  readonly text: string;
}

/** README first, the others by name: in this order their examples build on each other. */
export const PAGES: readonly string[] = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .toSorted()
    .map((name) => `docs/${name}`),
];

/** @param path from the top of the repository */
export const page = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

export const blocksOf = (text: string): Block[] =>
  [...text.matchAll(/^```(\S[^\n]*)\n([\s\S]*?)\n```$/gm)].map(([, info = '', content = '']) => ({
    info,
    text: content,
  }));

export interface Example {
  readonly command: string;
  /** The JSON block right after it; undefined when another block follows. */
  readonly answer: string | undefined;
}

/** What is marked `bash run`, in order, each with the answer that the page shows. */
export function examplesOf(text: string): Example[] {
  const blocks = blocksOf(text);
  return blocks.flatMap(({ info, text: command }, index) => {
    if (info !== 'bash run') return [];
    const next = blocks[index + 1];
    return [{ command, answer: next?.info === 'json' ? next.text : undefined }];
  });
}

/** Where `shown` has a member that `real` has not, or one of another kind; null may stand for anything, and so may nothing. */
export function missingIn(real: unknown, shown: unknown, path = ''): string[] {
  if (shown === null || real === null) return [];
  if (Array.isArray(shown)) {
    if (!Array.isArray(real)) return [`${path} is no list`];
    return shown.length === 0 || real.length === 0 ? [] : missingIn(real[0], shown[0], `${path}[0]`);
  }
  if (typeof shown !== 'object') return typeof real === typeof shown ? [] : [`${path} is no ${typeof shown}`];
  if (typeof real !== 'object' || Array.isArray(real)) return [`${path} is no object`];
  return Object.entries(shown).flatMap(([name, value]) =>
    Object.hasOwn(real, name)
      ? missingIn((real as Record<string, unknown>)[name], value, `${path}.${name}`)
      : [`${path}.${name} is missing`],
  );
}

import { resolve } from 'node:path';
import ts from 'typescript';

const OPTIONS: ts.CompilerOptions = {
  module: ts.ModuleKind.NodeNext,
  target: ts.ScriptTarget.ES2023,
  lib: ['lib.es2023.d.ts'],
  types: [],
  strict: true,
  noEmit: true,
  skipLibCheck: true,
};
/** Is nowhere: only the compiler sees it, and looks from here for what is imported. */
const WRITTEN = resolve(import.meta.dirname, 'written.ts');

const host = ts.createCompilerHost(OPTIONS);
const getSourceFile = host.getSourceFile.bind(host);
const parsed = new Map<string, ts.SourceFile | undefined>();

/**
 * What the compiler says against the value as a literal of the type. Where a package has its formats only as types, this is its schema, and
 * a strict one: a literal may have no key, at any depth, that its interface does not name.
 * @param from the module that exports the type
 */
export function typeErrors(from: string, type: string, value: unknown): string[] {
  const text = `import type { ${type} as Wanted } from '${from}';\nexport const value: Wanted = ${JSON.stringify(value, null, 1)};\n`;
  host.getSourceFile = (file, ...rest) => {
    if (file === WRITTEN) return ts.createSourceFile(file, text, ts.ScriptTarget.ES2023);
    if (!parsed.has(file)) parsed.set(file, getSourceFile(file, ...rest));
    return parsed.get(file);
  };
  const program = ts.createProgram([WRITTEN], OPTIONS, host);
  return ts
    .getPreEmitDiagnostics(program, program.getSourceFile(WRITTEN))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
}

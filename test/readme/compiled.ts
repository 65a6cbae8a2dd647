import { join } from 'node:path';
import ts from 'typescript';

export interface SourceText {
  /** From the top of the repository. */
  readonly path: string;
  readonly text: string;
}

/** What the compiler says about these files if they stood in the repository. */
export function compileErrors(root: string, files: readonly SourceText[]): string[] {
  const configFile = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(configFile.config, ts.sys, root);
  const texts = new Map(files.map(({ path, text }) => [join(root, path), text]));
  const standard = ts.createCompilerHost({ ...options, noEmit: true });
  const host: ts.CompilerHost = {
    ...standard,
    readFile: (path) => texts.get(path) ?? standard.readFile(path),
    fileExists: (path) => texts.has(path) || standard.fileExists(path),
    getSourceFile: (path, language, ...rest) => {
      const text = texts.get(path);
      return text === undefined
        ? standard.getSourceFile(path, language, ...rest)
        : ts.createSourceFile(path, text, language);
    },
  };
  const program = ts.createProgram([...texts.keys()], { ...options, noEmit: true, incremental: false }, host);
  return [...texts.keys()].flatMap((path) =>
    ts.getPreEmitDiagnostics(program, program.getSourceFile(path)).map(({ messageText, start }) => {
      const message = ts.flattenDiagnosticMessageText(messageText, ' ');
      return `${path} at ${start ?? 0}: ${message}`;
    }),
  );
}

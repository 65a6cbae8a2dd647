import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileErrors } from '../readme/compiled.js';
import { blocksOf, ROOT } from '../readme/readme-document.js';

it('the example of the page compiles against the client', () => {
  const [example] = blocksOf(readFileSync(join(ROOT, 'clients/typescript/README.md'), 'utf8'));
  const text = example?.text.replace('@nyx/client', '../../clients/typescript/src/index.js') ?? '';
  const mistaken = text.replace('workflow.status', 'workflow.mood');
  const compiled = (code: string): string =>
    compileErrors(ROOT, [{ path: 'test/client/example.ts', text: code }]).join();
  expect(compiled(text)).toBe('');
  expect(compiled(mistaken)).toContain('mood');
}, 180_000);

import { createRequire } from 'node:module';
import { normalised } from './password-policy.rules.js';

interface Language {
  readonly dictionary: { readonly 'passwords-common': readonly string[] };
}

let common: ReadonlySet<string> | undefined;

/** As `normalised` writes them. Read when somebody first needs them: most processes never set a password. */
export function commonPasswords(): ReadonlySet<string> {
  if (common === undefined) {
    const { dictionary } = createRequire(import.meta.url)('@zxcvbn-ts/language-common') as Language;
    common = new Set(dictionary['passwords-common'].map(normalised));
  }
  return common;
}

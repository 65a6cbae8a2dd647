/** Shorter texts are found everywhere and keep nothing. */
const MIN_LENGTH = 6;
const SECRET_NAME = /key|token|secret|pass|pwd|auth|credential|cookie|session|signature|(^|_)pat($|_)/i;
/** `scheme://user:password@host`. */
const WITH_PASSWORD = /:\/\/[^/\s]*:[^/\s]*@/;
/** Long, in one piece, of letters and digits: nobody writes that by hand. */
const RANDOM = /^(?=.*[A-Za-z])(?=.*\d)[\w+=.:~-]{20,}$/;
const PLAIN_HEADERS = new Set(['accept', 'accept-language', 'content-type', 'user-agent']);

/** The environment's values that look like secrets. Paths, switches and names stay readable in what the server answers. */
export const secretsOfEnvironment = (environment: Readonly<Record<string, string>>): string[] =>
  Object.entries(environment)
    .filter(([name, value]) => SECRET_NAME.test(name) || WITH_PASSWORD.test(value) || RANDOM.test(value))
    .map(([, value]) => value);

/** Arguments that look like secrets, `--token=x` and what follows a bare `--token` too: programs like to repeat theirs when they fail. */
export const secretsOfArguments = (args: readonly string[]): string[] =>
  args.flatMap((arg, index) => {
    const [, name = '', value = ''] = /^--?([\w-]+)=([^]*)$/.exec(arg) ?? [];
    const before = /^--?([\w-]+)$/.exec(args[index - 1] ?? '')?.[1] ?? '';
    const isNamed = SECRET_NAME.test(before) && !arg.startsWith('-');
    const texts = name === '' ? [arg] : [value];
    return texts.filter((text) => isNamed || SECRET_NAME.test(name) || WITH_PASSWORD.test(text) || RANDOM.test(text));
  });

/** Headers are there to show who asks, so their values are secrets, also without the `Bearer` before them. */
export const secretsOfHeaders = (headers: Readonly<Record<string, string>>): string[] =>
  Object.entries(headers)
    .filter(([name]) => !PLAIN_HEADERS.has(name.toLowerCase()))
    .flatMap(([, value]) => [value, ...value.split(' ').slice(1)]);

export const secretsOfUrl = (url: string): string[] =>
  [...new URL(url).searchParams.values()].flatMap((value) => [value, encodeURIComponent(value)]);

/** Longest first, so that a secret is blotted out before a part of it is. */
export const worthKeeping = (texts: readonly string[]): string[] =>
  [...new Set(texts)].filter((text) => text.length >= MIN_LENGTH).sort((one, other) => other.length - one.length);

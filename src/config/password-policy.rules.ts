/** Fewer different characters are a pattern, not a password. */
const LEAST_DIFFERENT = 5;

/** More than that behind a word is not what people append, unless it is a row or a repetition of digits. */
const LONGEST_APPENDIX = 10;
const ROWS = '01234567890123456789 98765432109876543210';

/** As lists of common passwords are compared: case and what is only appended do not make another word. */
export const normalised = (password: string): string =>
  password
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\s\d!?.,;:*#@$%&_-]+$/g, '') || password.normalize('NFKC').toLowerCase();

/** Why a password is too easy to guess, as the rest of a sentence; undefined: it may be. Its length is checked before. */
export function policyComplaint(password: string, username: string, common: ReadonlySet<string>): string | undefined {
  const plain = password.normalize('NFKC').toLowerCase();
  const core = normalised(password);
  const isAppended = isAppendix(plain.slice(core.length));
  if (common.has(plain) || (isAppended && common.has(core))) return 'is a common password';
  if (repeats(plain, common)) return 'is a common password';
  if (username.length >= 3 && plain.includes(username.toLowerCase()) && plain.length < 2 * username.length + 8) {
    return 'is too close to the name';
  }
  return new Set(plain).size < LEAST_DIFFERENT
    ? `must have at least ${LEAST_DIFFERENT} different characters`
    : undefined;
}

function isAppendix(text: string): boolean {
  const digits = text.replaceAll(/\D/g, '');
  return text.length <= LONGEST_APPENDIX || ROWS.includes(digits) || new Set(digits).size < LEAST_DIFFERENT;
}

/** `passwordpassword` is no better than `password`. */
function repeats(password: string, common: ReadonlySet<string>): boolean {
  const length = [...Array(Math.floor(password.length / 2)).keys()]
    .map((index) => index + 1)
    .find(
      (size) => password.length % size === 0 && password.slice(0, size).repeat(password.length / size) === password,
    );
  return length !== undefined && common.has(password.slice(0, length));
}

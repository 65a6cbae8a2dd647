/** What a text begins with, so that a pattern is entered; then a unit over and over; then what makes it fail. */
const BEGINNINGS = ['', '```', '# ', 'Step 1:', ', ', 'a://', '{{', '|', '<confidence>'];
const UNITS = [
  ' ',
  '\n',
  '\t ',
  '.',
  '/',
  ']',
  '|',
  '`',
  '-',
  '0',
  '0 ',
  'a',
  'a ',
  'a+',
  'a:',
  ', ',
  '1. ',
  '- ',
  "a'",
];
const MORE_UNITS = [
  '{{',
  '<a',
  'eyJaaaaaaaa-',
  'a://b:',
  'eyJaaaaaaaaaa.',
  'Bearer ',
  'nyx_',
  'ignore all ',
  'get ',
  '\r',
  '\u2028',
];
const ENDS = ['', 'x', '\nx', '\u2028x'];

/** Texts of about `size` characters that a pattern which looks at one place twice would take quadratic steps or more for. */
export const pumped = (size: number): string[] =>
  BEGINNINGS.flatMap((beginning, one) =>
    [...UNITS, ...MORE_UNITS].map((unit, other) => {
      const end = ENDS[(one + other) % ENDS.length] ?? '';
      return `${beginning}${unit.repeat(Math.ceil(size / unit.length))}${end}`;
    }),
  );

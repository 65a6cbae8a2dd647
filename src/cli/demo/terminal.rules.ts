/** Widest line the demo prints, in characters. */
export const WIDTH = 80;

/** How text stands out; both do nothing where colours are not wanted. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
}

export const styleOf = (hasColours: boolean): Style => {
  const paint =
    (code: number) =>
    (text: string): string =>
      hasColours ? `\u001b[${code}m${text}\u001b[0m` : text;
  return { bold: paint(1), dim: paint(2) };
};

/** Text of a model without what a terminal would act upon; line ends stay. */
export const plainText = (text: string): string =>
  text
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll('\t', '  ')
    .replaceAll(/[^\P{C}\n]/gu, '');

/** Ended with an ellipsis where something is left out. */
export function shortened(text: string, width: number): string {
  const characters = charactersOf(text);
  if (characters.length <= width) return text;
  const kept = characters.slice(0, Math.max(0, width - 1)).join('');
  return `${kept.trimEnd()}…`;
}

/** Text of a model in one line. */
export const inOneLine = (text: string): string => plainText(text).replaceAll(/\s+/g, ' ').trim();

/** Lines of at most `width` characters with `indent` before each; a word that is longer is cut. */
export function wrapped(text: string, indent = '', width = WIDTH): string[] {
  const room = Math.max(1, width - indent.length);
  return plainText(text)
    .split('\n')
    .flatMap((line) => wrappedLine(line, room))
    .map((line) => `${indent}${line}`.trimEnd());
}

function wrappedLine(line: string, room: number): string[] {
  const lines: string[] = [];
  let current = '';
  for (const word of line
    .trimEnd()
    .split(' ')
    .flatMap((part) => pieces(part, room))) {
    if (current !== '' && lengthOf(current) + 1 + lengthOf(word) > room) {
      lines.push(current);
      current = word;
    } else {
      current = current === '' ? word : `${current} ${word}`;
    }
  }
  return [...lines, current];
}

function pieces(word: string, room: number): string[] {
  const characters = charactersOf(word);
  if (characters.length <= room) return [word];
  return Array.from({ length: Math.ceil(characters.length / room) }, (_, index) =>
    characters.slice(index * room, (index + 1) * room).join(''),
  );
}

const charactersOf = (text: string): string[] => Array.from(text);

const lengthOf = (text: string): number => charactersOf(text).length;

/** USD with at most six decimals. */
export function inUsd(amount: number): string {
  if (amount > 0 && amount < 0.000001) return 'under 0.000001 USD';
  return `${amount.toFixed(6).replace(/\.?0+$/, '')} USD`;
}

export const inSeconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;

export const counted = (count: number): string => count.toLocaleString('en-US');

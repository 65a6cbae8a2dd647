/** Words that say nothing about what a text is about. English, then German (folded as `fold` does). */
const STOP_WORDS = new Set(
  `a about above after again all also an and any are as at be because been before being below between both but by can could did do does doing down
during each few for from further had has have having he her here hers him his how i if in into is it its itself just me more most my no nor not now of
off on once only or other our out over own please same shall she should so some such than that the their them then there these they this those through to
too under until up us very was we were what when where which while who whom why will with would you your
aber alle allem allen aller alles als also am an andere auch auf aus bei beim bin bis bist da dabei dadurch dafur damit danach dann das dass dein dem den
denn der des dessen die dies diese diesem diesen dieser dieses doch dort du durch ein eine einem einen einer eines er es etwas euch fur gegen hat hatte
hatten ich ihm ihn ihnen ihr ihre im in ist ja jede jedem jeden jeder jedes kann kein keine konnen man mehr mein mit muss mussen nach nicht noch nun nur ob
oder ohne sehr sein seine sich sie sind so soll sollen sollte sondern uber um und uns unser unter vom von vor war waren was weil wenn wer werden wie wieder
wird wir wo zu zum zur zwischen`.split(/\s+/),
);
const WORD = /[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu;
const ENDINGS = ['ungen', 'ung', 'ing', 'ern', 'ie', 'is', 'ed', 'en', 'er', 'em', 'e', 'y'];
const SHORTEST_STEM = 3;

/** Lower case and without accents, so that ä is a and ß is ss. */
export const fold = (text: string): string =>
  text
    .normalize('NFKD')
    .replaceAll(/\p{Mn}/gu, '')
    .toLowerCase()
    .replaceAll('ß', 'ss');

/** The words of a text, folded, in order. */
export const wordsOf = (text: string): string[] => fold(text).match(WORD) ?? [];

/** The stems of the words that carry meaning, in order, with repetitions. */
export const termsOf = (text: string): string[] =>
  wordsOf(text)
    .filter((word) => !STOP_WORDS.has(word) && (word.length > 1 || /\d/.test(word)))
    .map(stemOf);

/** How many of the terms occur. */
export const overlap = (terms: Iterable<string>, among: ReadonlySet<string>): number => {
  let count = 0;
  for (const term of terms) if (among.has(term)) count += 1;
  return count;
};

/** A word without its ending; rough, and the same for both sides of a comparison. */
function stemOf(word: string): string {
  const single = /[^si]s$/.test(word) && word.length > SHORTEST_STEM ? word.slice(0, -1) : word;
  const ending = ENDINGS.find((each) => single.endsWith(each) && single.length - each.length >= SHORTEST_STEM);
  const stem = ending === undefined ? single : single.slice(0, -ending.length);
  return stem.length > SHORTEST_STEM && stem.at(-1) === stem.at(-2) ? stem.slice(0, -1) : stem;
}

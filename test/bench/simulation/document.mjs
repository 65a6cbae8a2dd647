import { readFile, writeFile } from 'node:fs/promises';
import process from 'node:process';
import { formatSections } from './sections.mjs';
import { calibrationIn, checkedCalibration } from './calibration.mjs';

const DOCUMENT = new URL('../../../docs/scale.md', import.meta.url);
const RESULTS = new URL('../results.json', import.meta.url);

/** Puts what `sections` has into its places in the text. */
function filled(text, sections) {
  return Object.entries(sections).reduce((filling, [name, section]) => {
    const place = new RegExp(`(?<=<!-- ${name}:start -->\\n)[\\s\\S]*(?=<!-- ${name}:end -->)`);
    if (!place.test(filling)) throw new Error(`docs/scale.md has no place for ${name}.`);
    return filling.replace(place, () => section);
  }, text);
}

/** What was measured of replicas, if it was. */
export const calibrationOf = ({ rows }) =>
  rows.find(({ details }) => details?.calibration !== undefined)?.details.calibration;

/** Writes the tables of docs/scale.md anew from a calibration. */
export async function writeScaleDocument(calibration) {
  const text = await readFile(DOCUMENT, 'utf8');
  await writeFile(DOCUMENT, filled(text, formatSections(checkedCalibration(calibration))));
}

/**
 * `node test/bench/simulation/document.mjs` writes them with what `results.json` has, or else with what the document itself has;
 * with `--print` it only prints them.
 */
if (process.argv[1] === import.meta.filename) {
  const calibration =
    calibrationOf(JSON.parse(await readFile(RESULTS, 'utf8'))) ?? calibrationIn(await readFile(DOCUMENT, 'utf8'));
  if (process.argv.includes('--print')) process.stdout.write(Object.values(formatSections(calibration)).join('\n'));
  else await writeScaleDocument(calibration);
}

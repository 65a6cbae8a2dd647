import { CELL, RATES_PER_MINUTE, capacityFor, limitsOf } from './capacity.mjs';
import { FIGURES } from './calibration.mjs';
import { predictions } from './predictions.mjs';

const number = (value, digits = 0) =>
  value.toLocaleString('en-US', { minimumFractionDigits: 0, maximumFractionDigits: digits });
const percent = (share) => `${number(share * 100)} %`;
const signed = (value) => `${value >= 0 ? '+' : ''}${number(value, 1)} %`;

/** Powers of a thousand. */
function bytes(value) {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
  return `${number(value / 1000 ** power, 1)} ${units[power]}`;
}

const table = (head, rows) => {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return `\n<!-- prettier-ignore -->\n${[line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n')}\n\n`;
};

const calibrationSection = (calibration) =>
  table(
    ['figure', 'measured'],
    Object.entries(FIGURES).map(([name, label]) => [label, number(calibration[name], 3)]),
  );

const predictionSection = (calibration) =>
  table(
    ['replicas', 'predicted, workflows/s', 'measured', 'error', 'cores busy, predicted'],
    predictions(calibration).map(({ replicas, perSecond, measured, errorPercent, busyCores }) =>
      [replicas, number(perSecond, 1), number(measured, 1), signed(errorPercent), number(busyCores, 2)].map(String),
    ),
  );

const BOUNDS = {
  cores: `the ${CELL.postgresCores} cores of PostgreSQL`,
  log: `the log device, ${bytes(CELL.walBytesPerSecond)}/s`,
  day: `the row of the day's budget, ${CELL.paidCalls} paid call a workflow`,
};

const boundsSection = (calibration) =>
  table(
    ['what is busy all the time', 'at workflows/s', 'at workflows a minute', `at ${percent(CELL.mostBusy)} busy`],
    Object.entries(limitsOf(calibration)).map(([name, limit]) => [
      BOUNDS[name],
      number(limit),
      number(limit * 60),
      number(limit * 60 * CELL.mostBusy),
    ]),
  );

const capacitySection = (calibration) =>
  table(
    [
      'workflows a minute',
      'cells',
      'NYX processes',
      'connections a cell',
      'in flight',
      'added to the model, ms',
      'PostgreSQL cores busy',
      'log busy',
      'day row busy',
      'WAL a day',
      'stored a day',
    ],
    RATES_PER_MINUTE.map((perMinute) => {
      const needed = capacityFor(calibration, perMinute);
      const { cells, processes, connectionsOfCell, inFlight, addedMs, busy } = needed;
      return [
        ...[perMinute, cells, processes, connectionsOfCell, inFlight, addedMs].map((value) => number(value)),
        ...[busy.cores, busy.log, busy.day].map(percent),
        ...[needed.walBytesPerDay, needed.storedBytesPerDay].map(bytes),
      ];
    }),
  );

/** What docs/scale.md shows, by the names of its places. */
export const formatSections = (calibration) => ({
  calibration: calibrationSection(calibration),
  predictions: predictionSection(calibration),
  bounds: boundsSection(calibration),
  capacity: capacitySection(calibration),
});

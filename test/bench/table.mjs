const VERDICTS = { true: 'yes', false: 'NO', undefined: '' };

/** Rows as a Markdown table, aligned for the terminal. */
export function formatTable(rows) {
  const cells = [
    ['figure', 'measured', 'mark', 'met'],
    ...rows.map(({ figure, value, mark, meets }) => [figure, value, mark ?? '', VERDICTS[meets]]),
  ];
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  const line = (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return [line(cells[0]), rule, ...cells.slice(1).map(line)].join('\n');
}

/** A row that breaks may still answer: with nothing, or with what is no number. */
export function expectFigures(rows) {
  if (rows.length === 0) throw new Error('It measured nothing.');
  for (const { figure, value } of rows) {
    if (!/\d/.test(value) || /NaN|Infinity|undefined|null|\[object/.test(`${figure} ${value}`))
      throw new Error(`It measured no figure: "${figure}" is "${value}".`);
  }
}

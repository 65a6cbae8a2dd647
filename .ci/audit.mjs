/**
 * Judges the report of `npm audit --json` on its standard input: fails when a finding is high or critical.
 * The registry may be out of reach or answer no report: then it says so and lets pass.
 */
import { text } from 'node:stream/consumers';

const FATAL = ['high', 'critical'];

function reportIn(said) {
  try {
    const report = JSON.parse(said);
    return report?.auditReportVersion === undefined ? { why: report?.message ?? 'no report' } : { report };
  } catch {
    return { why: 'no JSON' };
  }
}

const told = ({ name, severity, range, via = [] }) =>
  [`${severity}: ${name} ${range}`, ...via.flatMap(({ title, url }) => (title ? [`  ${title} ${url}`] : []))].join(
    '\n',
  );

const { report, why } = reportIn(await text(process.stdin));
if (report === undefined) {
  console.log(`NOT CHECKED: the registry gave no audit report (${why}).`);
} else {
  const findings = Object.values(report.vulnerabilities);
  for (const finding of findings) console.log(told(finding));
  const fatal = findings.filter(({ severity }) => FATAL.includes(severity));
  console.log(`${findings.length} findings, ${fatal.length} of them high or critical.`);
  process.exitCode = fatal.length > 0 ? 1 : 0;
}

import { spawnSync } from 'node:child_process';

interface Finding {
  readonly name: string;
  readonly severity: string;
  readonly range: string;
  readonly via: readonly (string | { readonly title: string; readonly url: string })[];
}

const gate = (said: string): { code: number | null; out: string } => {
  const { status, stdout } = spawnSync(process.execPath, ['.ci/audit.mjs'], { input: said, encoding: 'utf8' });
  return { code: status, out: stdout };
};
const reportOf = (...findings: Finding[]): string =>
  JSON.stringify({
    auditReportVersion: 2,
    vulnerabilities: Object.fromEntries(findings.map((finding) => [finding.name, finding])),
    metadata: { vulnerabilities: { total: findings.length } },
  });
const finding = (severity: string): Finding => ({
  name: `a-${severity}-one`,
  severity,
  range: '<1.0.0',
  via: ['another', { title: 'Reads what it must not', url: 'https://example.com/advisory' }],
});

describe('the gate for known vulnerabilities', () => {
  it('lets pass what has none', () => {
    expect(gate(reportOf())).toEqual({ code: 0, out: '0 findings, 0 of them high or critical.\n' });
  });

  it('tells low and moderate ones and lets them pass', () => {
    const { code, out } = gate(reportOf(finding('low'), finding('moderate')));
    expect(code).toBe(0);
    expect(out).toContain('moderate: a-moderate-one <1.0.0\n  Reads what it must not https://example.com/advisory');
  });

  it.each(['high', 'critical'])('fails for a %s one, and names it', (severity) => {
    const { code, out } = gate(reportOf(finding('low'), finding(severity)));
    expect(code).toBe(1);
    expect(out).toContain(`${severity}: a-${severity}-one`);
  });

  it.each([
    ['a registry that does not answer', '{"message":"405 Method Not Allowed","error":{"summary":"","detail":""}}'],
    ['nothing', ''],
    ['a page of a proxy', '<html>sign in</html>'],
    ['null', 'null'],
  ])('says of %s that nothing was checked', (_what, said) => {
    const { code, out } = gate(said);
    expect(code).toBe(0);
    expect(out).toMatch(/^NOT CHECKED/);
  });

  it('fails for a report that it cannot read', () => {
    expect(gate('{"auditReportVersion":2}').code).toBe(1);
  });
});

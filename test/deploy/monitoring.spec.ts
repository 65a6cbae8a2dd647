import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { backOffSeconds } from '../../src/motivation/engine/timing.rules.js';
import { startApp, type TestApp } from '../support/app.js';
import { parseMetrics, type Family } from '../telemetry/prometheus-text.js';
import type { Row, WrittenDashboard } from './grafana-dashboard.js';
import { parsePromql, withoutVariables, type Wanted } from './promql.js';
import { typeErrors } from './type-check.js';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(resolve(ROOT, path), 'utf8');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string; readonly runbook_url: string };
}

interface Scrape {
  readonly job_name: string;
  readonly relabel_configs?: readonly { readonly regex: string }[];
}

interface Container {
  readonly ports: readonly unknown[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
}

interface Deployment {
  readonly spec: { readonly template: { readonly spec: { readonly containers: readonly [Container] } } };
}

const DASHBOARD = read('deploy/grafana/nyx-dashboard.json');
const complaints = (dashboard: string): string[] =>
  typeErrors('./grafana-dashboard.js', 'WrittenDashboard', JSON.parse(dashboard));

const { groups } = parse(read('deploy/prometheus/alerts.yml')) as { groups: { name: string; rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);

/** A histogram has three series. */
const familyOf = (series: string): string => series.replace(/_(bucket|sum|count)$/, '');

/** Of an alerting rule, as Prometheus reads it: any other is a mistake that it refuses. */
const KEYS_OF_RULES = new Set(['alert', 'expr', 'for', 'keep_firing_for', 'labels', 'annotations']);

describe('the dashboard', () => {
  it('is what the types of Grafana allow', () => {
    expect(complaints(DASHBOARD)).toEqual([]);
  });

  it.each<[string, string | RegExp, string]>([
    ['a type of panel that is none', '"type": "stat"', '"type": "stats"'],
    ['a panel without its type', '"type": "timeseries",', ''],
    ['a panel without a data source', /"datasource": \{[^{]*\{datasource\}"\s*\},\s*"gridPos"/, '"gridPos"'],
    ['another data source', '"uid": "${datasource}"', '"uid": "prometheus"'],
    ['a panel without a place', /"gridPos": \{[^}]*\},/, ''],
    ['a panel that asks for nothing', /"targets": \[[^]*?\n {6}\]/, '"targets": []'],
    ['a misspelt key of a panel', '"description": "",', '"descripton": "",'],
    ['a misspelt key of a row', '"collapsed"', '"colapsed"'],
    ['a misspelt key of a place', '"gridPos": {', '"gridPos": { "height": 4,'],
    ['a misspelt key of a query', '"legendFormat"', '"legend"'],
    ['a misspelt key of the fields', '"unit"', '"units"'],
    ['a misspelt option of a stat', '"reduceOptions"', '"reduce"'],
    ['a misspelt option of the tooltip', '"mode": "multi"', '"modes": "multi"'],
    ['an option of another type of panel', '"graphMode": "area"', '"legend": {}'],
    ['an option with a value that is none', '"mode": "multi"', '"mode": "many"'],
    ['a misspelt key of the variables', '"includeAll"', '"includeall"'],
    ['a misspelt key of the whole', '"graphTooltip"', '"tooltip"'],
  ])('is refused with %s', (_what, right, wrong) => {
    const changed = DASHBOARD.replace(right, () => wrong);
    expect(changed === DASHBOARD).toBe(false);
    expect(complaints(changed)).not.toEqual([]);
  });
});

describe('what deploy/ has for monitoring', () => {
  let nyx: TestApp;
  /** What a NYX that runs exposes. */
  let families: ReadonlyMap<string, Family>;
  const scrape = async (): Promise<ReadonlyMap<string, Family>> =>
    parseMetrics(await (await nyx.request('viewer', 'GET', '/metrics')).text());
  beforeAll(async () => {
    nyx = await startApp();
    families = await scrape();
  });
  afterAll(() => nyx.close());

  const isExposed = (series: string): boolean => {
    const family = families.get(series) ?? families.get(familyOf(series));
    // That one Prometheus makes itself.
    return series === 'up' || (family !== undefined && (family.name === series) !== (family.type === 'histogram'));
  };
  const grows = (series: string): boolean =>
    families.get(series)?.type === 'counter' || families.get(familyOf(series))?.type === 'histogram';
  /** Not one that Prometheus reads, or one of metrics that are not there. */
  const wrongIn = (expr: string): string[] => {
    const { errors, series, growing } = parsePromql(withoutVariables(expr));
    if (series.length === 0) return [...errors, 'asks for nothing'];
    return [
      ...errors,
      ...series.filter((name) => !isExposed(name)),
      ...growing.filter((name) => !grows(name)).map((name) => `${name} may fall`),
    ];
  };

  it.each([
    ['a bracket that is not closed', 'sum(rate(nyx_fencings_total[5m])'],
    ['an operand that is missing', 'sum by (job) (nyx_queue_depth) > '],
    ['an aggregation without its bracket', 'sum by job (nyx_queue_depth)'],
    ['a range that is none', 'rate(nyx_fencings_total[five])'],
    ['a function that is none', 'rates(nyx_fencings_total[5m])'],
    ['a metric that is not there', 'sum(nyx_queue_length)'],
    ['a histogram as such', 'sum(nyx_event_lag_seconds)'],
    ['a part that a counter has not', 'rate(nyx_fencings_total_count[5m])'],
    ['the growth of what may fall', 'rate(nyx_queue_depth[5m])'],
    ['any metric', 'sum({job="nyx"})'],
    ['no metric', 'vector(1)'],
    ['nothing', ''],
  ])('is not taken for good with %s', (_what, expr) => {
    expect(wrongIn(expr)).not.toEqual([]);
  });

  it('is a dashboard of metrics that are there, and of all that NYX has', () => {
    const dashboard = JSON.parse(DASHBOARD) as WrittenDashboard;
    expect(dashboard).toMatchObject({ uid: 'nyx', title: 'NYX', time: { from: 'now-6h', to: 'now' } });
    expect(dashboard.schemaVersion).toBeGreaterThanOrEqual(36);
    expect(dashboard.templating.list.map(({ name, type }) => [name, type])).toEqual([
      ['datasource', 'datasource'],
      ['job', 'query'],
    ]);
    const [, jobs = ''] = /^label_values\((\w+), job\)$/.exec(dashboard.templating.list[1]?.definition ?? '') ?? [];
    expect(isExposed(jobs)).toBe(true);
    const { panels } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const rows = panels.filter(({ type }) => type === 'row').map(({ title }) => title);
    expect(rows).toEqual(['Health', 'Workflows', 'Model and money', 'Tools', 'Engine', 'Replicas']);
    for (const { gridPos } of panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    const shown = new Set<string>();
    const graphs = panels.filter((panel): panel is Exclude<typeof panel, Row> => panel.type !== 'row');
    for (const { title, targets } of graphs) {
      for (const { expr } of targets) {
        expect([title, wrongIn(expr)]).toEqual([title, []]);
        expect(expr).toMatch(/\{job=~"\$job"/);
        for (const name of parsePromql(withoutVariables(expr)).series) shown.add(familyOf(name));
      }
    }
    const ours = [...families.keys()].filter((name) => name.startsWith('nyx_'));
    expect(ours.length).toBeGreaterThan(25);
    expect(ours.filter((name) => !shown.has(name))).toEqual([]);
  });

  it('are alerts of metrics that are there, each with what to do', () => {
    expect(groups.map(({ name }) => name)).toEqual(['nyx']);
    expect(rules.length).toBeGreaterThanOrEqual(10);
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const rule of rules) {
      const { alert, expr, for: pending = '1m', labels: given, annotations } = rule;
      expect([alert, Object.keys(rule).filter((key) => !KEYS_OF_RULES.has(key))]).toEqual([alert, []]);
      expect(alert).toMatch(/^Nyx[A-Za-z]+$/);
      expect([alert, wrongIn(expr)]).toEqual([alert, []]);
      expect(pending).toMatch(/^\d+[smh]$/);
      expect(['warning', 'critical']).toContain(given.severity);
      expect(annotations.summary).toMatch(/\.$/);
      expect(annotations.runbook_url).toMatch(/^docs\/operations\.md#[a-z-]+$/);
    }
  });

  it('are alerts whose values of labels count from the first time on, as they are there before', async () => {
    // Routes and models are there from the first request and call on, whatever comes of those.
    expect((await nyx.request('operator', 'POST', '/api/v1/llm/generate', { user_prompt: 'Hello?' })).status).toBe(200);
    const exposed = await scrape();
    const wanted = rules.flatMap(({ expr }) => parsePromql(expr).wanted).filter(({ label }) => label !== 'job');
    expect(wanted).toContainEqual({ series: 'nyx_budget_refusals_total', label: 'scope', value: 'system_month' });
    const isThere = ({ series, label, value }: Wanted): boolean =>
      exposed.get(series)?.samples.some(({ labels }) => labels[label] === value) === true;
    expect(wanted.filter((one) => !isThere(one))).toEqual([]);
  });

  it('hear of an engine that fails at each try, however seldom it tries', () => {
    const { expr = '' } = rules.find(({ alert }) => alert === 'NyxEngineFails') ?? {};
    const [, minutes = '', bound = ''] = /\(nyx_engine_errors_total\[(\d+)m\]\)\) > (\d+)$/.exec(expr) ?? [];
    const longest = Math.max(
      ...[1, 60, 3_600].map((seconds) => backOffSeconds({ evaluationIntervalSeconds: seconds })),
    );
    // Of the tries that a window has room for it sees the growth between the first and the last.
    const seen = Math.floor((Number(minutes) * 60) / longest) - 1;
    expect([seen, seen > Number(bound)]).toEqual([expect.any(Number), true]);
  });

  it('is scraped as the page says: by the job that alerts look for, at the port that the pods have', () => {
    const blocks = [...read('docs/operations.md').matchAll(/^```yaml\n([^`]*)^```$/gm)].map(([, block = '']) => block);
    const jobs = blocks.flatMap((block) => (parse(block) as { scrape_configs: Scrape[] }).scrape_configs);
    expect(jobs.map(({ job_name: name }) => name)).toEqual(['nyx', 'nyx']);
    const named = rules.flatMap(({ expr }) => parsePromql(expr).wanted).filter(({ label }) => label === 'job');
    expect(new Set(named.map(({ value }) => value))).toEqual(new Set(['nyx']));
    const [app, port] = jobs.flatMap(({ relabel_configs: kept = [] }) => kept)[0]?.regex.split(';') ?? [];
    const [deployment] = parseAllDocuments(read('deploy/kubernetes/nyx.yaml')).map((each) => each.toJS() as unknown);
    expect(deployment).toMatchObject({
      kind: 'Deployment',
      spec: { template: { metadata: { labels: { app } } } },
    });
    const { ports, env } = (deployment as Deployment).spec.template.spec.containers[0];
    const number = env.find(({ name }) => name === 'METRICS_PORT')?.value;
    expect(ports).toContainEqual({ name: port, containerPort: Number(number) });
  });

  /** Prose has the names of metrics as they are exposed, or those of the series of a histogram. */
  const unknownIn = (text: string): string[] =>
    [...text.matchAll(/\bnyx_[a-z_]*[a-z]\b/g)]
      .map(([name]) => name)
      .filter((name) => !families.has(name) && !isExposed(name));

  it('is written of by the names of metrics that are there', () => {
    const docs = readdirSync(resolve(ROOT, 'docs')).map((name) => `docs/${name}`);
    const deployed = (readdirSync(resolve(ROOT, 'deploy'), { recursive: true }) as string[]).map(
      (name) => `deploy/${name}`,
    );
    // Without secrets that were made there, which have no ending.
    const texts = [...docs, ...deployed].filter((name) => /\.(md|ya?ml|json|conf|sh)$/.test(name));
    expect(texts.length).toBeGreaterThan(5);
    for (const path of ['README.md', 'SECURITY.md', ...texts])
      expect([path, unknownIn(read(path))]).toEqual([path, []]);
    // Would be seen.
    expect(read('docs/operations.md')).toContain('`nyx_clock_skew_seconds`');
    expect(unknownIn('`nyx_clock_skew_ms`, `nyx_queue_depth` and nyx_event_lag_seconds')).toEqual([
      'nyx_clock_skew_ms',
    ]);
  });
});

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { Metrics } from '../../src/telemetry/metrics.js';

const read = (path: string): string => readFileSync(resolve(import.meta.dirname, '../..', path), 'utf8');

interface Target {
  readonly refId: string;
  readonly expr: string;
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly h: number; readonly w: number; readonly x: number; readonly y: number };
  readonly datasource?: { readonly type: string; readonly uid: string };
  readonly targets?: readonly Target[];
}

interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly schemaVersion: number;
  readonly time: { readonly from: string; readonly to: string };
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
  readonly panels: readonly Panel[];
}

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string; readonly runbook_url: string };
}

const METRIC = /\b(?:nyx|nodejs|process)_[a-z0-9_]+/g;
const BUILT_IN = new Set(['up']);

describe('what deploy/ has for monitoring', () => {
  const metrics = new Metrics();
  const names = new Set(metrics.names());
  /** As they stand in a query: a histogram has three. */
  const isKnown = (name: string): boolean =>
    names.has(name) || (/_(bucket|sum|count)$/.test(name) && names.has(name.replace(/_(bucket|sum|count)$/, '')));
  const unknownIn = (expr: string): string[] => (expr.match(METRIC) ?? []).filter((name) => !isKnown(name));

  it('is a dashboard that Grafana takes, of metrics that are there', () => {
    const dashboard = JSON.parse(read('deploy/grafana/nyx-dashboard.json')) as Dashboard;
    expect(dashboard).toMatchObject({ uid: 'nyx', title: 'NYX', time: { from: 'now-6h', to: 'now' } });
    expect(dashboard.schemaVersion).toBeGreaterThanOrEqual(36);
    expect(dashboard.templating.list.map(({ name, type }) => [name, type])).toEqual([
      ['datasource', 'datasource'],
      ['job', 'query'],
    ]);
    const { panels } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const rows = panels.filter(({ type }) => type === 'row').map(({ title }) => title);
    expect(rows).toEqual(['Health', 'Workflows', 'Model and money', 'Tools', 'Engine', 'Replicas']);
    for (const { type, title, gridPos, datasource, targets = [] } of panels) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      if (type === 'row') continue;
      expect(datasource).toEqual({ type: 'prometheus', uid: '${datasource}' });
      expect(targets.length).toBeGreaterThan(0);
      for (const { expr } of targets) {
        expect([title, unknownIn(expr)]).toEqual([title, []]);
        expect(expr).toMatch(/\{job=~"\$job"/);
      }
    }
    const shown = panels.flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => expr.match(METRIC) ?? []));
    const bare = new Set(shown.map((name) => (names.has(name) ? name : name.replace(/_(bucket|sum|count)$/, ''))));
    expect([...names].filter((name) => name.startsWith('nyx_') && !bare.has(name))).toEqual([]);
  });

  it('are alerts of metrics that are there, each with what to do', () => {
    const { groups } = parse(read('deploy/prometheus/alerts.yml')) as { groups: { name: string; rules: Rule[] }[] };
    expect(groups.map(({ name }) => name)).toEqual(['nyx']);
    const rules = groups.flatMap((group) => group.rules);
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const { alert, expr, for: pending = '1m', labels: given, annotations } of rules) {
      expect(alert).toMatch(/^Nyx[A-Za-z]+$/);
      expect([alert, unknownIn(expr)]).toEqual([alert, []]);
      expect((expr.match(METRIC) ?? []).length + (BUILT_IN.has(expr.split('{')[0] ?? '') ? 1 : 0)).toBeGreaterThan(0);
      expect(pending).toMatch(/^\d+[smh]$/);
      expect(['warning', 'critical']).toContain(given.severity);
      expect(annotations.summary).toMatch(/\.$/);
      expect(annotations.runbook_url).toMatch(/^docs\/operations\.md#[a-z-]+$/);
    }
  });
});

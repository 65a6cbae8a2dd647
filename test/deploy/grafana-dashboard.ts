import type { Dashboard, DataQuery, FieldConfig, GraphFieldConfig, GridPos, VariableModel } from '@grafana/schema';
import type { Options as StatOptions } from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type { Options as TimeSeriesOptions } from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';

/** As a file has it: enumerations by their values, and without what Grafana adds by itself. */
type Written<T> = T extends string
  ? `${T}`
  : T extends readonly (infer Item)[]
    ? Written<Item>[]
    : T extends object
      ? { [Key in keyof T]?: Written<T[Key]> }
      : T;

/** The one that the variable of the dashboard selects. */
interface Datasource {
  readonly type: 'prometheus';
  readonly uid: '${datasource}';
}

interface Target extends Pick<DataQuery, 'refId' | 'hide'> {
  readonly datasource: Datasource;
  readonly expr: string;
  readonly legendFormat?: string;
  readonly instant?: boolean;
}

interface Placed {
  readonly id: number;
  readonly title: string;
  readonly gridPos: GridPos;
}

export interface Row extends Placed {
  readonly type: 'row';
  readonly collapsed: boolean;
  readonly panels: readonly never[];
}

interface Graph<Type extends string, Options, Custom> extends Placed {
  readonly type: Type;
  readonly description: string;
  readonly datasource: Datasource;
  readonly targets: readonly [Target, ...Target[]];
  readonly fieldConfig: {
    readonly defaults: Written<Omit<FieldConfig, 'custom'>> & { readonly custom?: Written<Custom> };
    readonly overrides: readonly never[];
  };
  readonly options: Written<Options>;
}

/** The types that NYX uses of those that Grafana has. */
export type Panel = Row | Graph<'stat', StatOptions, never> | Graph<'timeseries', TimeSeriesOptions, GraphFieldConfig>;

interface Variable extends Omit<Written<VariableModel>, 'name' | 'type' | 'datasource'> {
  readonly name: string;
  readonly type: 'datasource' | 'query';
  readonly datasource?: Datasource;
  /** Of a query only, and not in the types of Grafana. */
  readonly definition?: string;
}

export interface WrittenDashboard extends Omit<Written<Dashboard>, 'panels' | 'templating'> {
  readonly uid: string;
  readonly title: string;
  readonly schemaVersion: number;
  readonly time: { readonly from: string; readonly to: string };
  readonly templating: { readonly list: readonly Variable[] };
  readonly panels: readonly Panel[];
}

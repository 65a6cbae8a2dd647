import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

export const ROOT = resolve(import.meta.dirname, '../..');

export interface Station {
  demand: number;
  servers: number;
}

export interface Demands {
  loadMs: number;
  nyxThreadMs: number;
  nyxOtherMs: number;
  postgresMs: number;
  commits: number;
  flushMs: number;
}

/** The figures of docs/scale.md, by name. */
export type Calibration = Record<string, number> & Demands;

export interface Machine {
  cores: number;
  replicas: number;
  customers: number;
  demands: Demands;
  workflows?: number;
  seed?: number;
}

export interface Capacity {
  perMinute: number;
  cells: number;
  processes: number;
  inFlight: number;
  addedMs: number;
  busy: Record<string, number>;
}

/** What the bench simulates with: plain modules, which the bench runs without a build. */
interface ScaleModel {
  CELL: { postgresCores: number; walBytesPerSecond: number; mostBusy: number; modelMs: number; paidCalls: number };
  throughputs: (stations: Station[], customers: number) => number[];
  simulateMachine: (machine: Machine) => { perSecond: number; busyCores: number };
  checkedCalibration: (calibration: Record<string, unknown>, how?: { isQuick: boolean }) => Calibration;
  calibrationIn: (markdown: string) => Calibration;
  capacityFor: (calibration: Calibration, perMinute: number) => Capacity;
  formatSections: (calibration: Calibration) => Record<string, string>;
}

const FILES = ['closed-network', 'shared-machine', 'calibration', 'capacity', 'sections'];

export async function scaleModel(): Promise<ScaleModel> {
  const model = {};
  // One after the other: Jest links modules that are loaded at once against an unfinished graph.
  for (const file of FILES) {
    const { href } = pathToFileURL(join(ROOT, 'test/bench/simulation', `${file}.mjs`));
    Object.assign(model, (await import(href)) as object);
  }
  return model as ScaleModel;
}

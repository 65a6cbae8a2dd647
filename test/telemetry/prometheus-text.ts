export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly samples: readonly Sample[];
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const HELP = new RegExp(`^# HELP (${NAME}) (.+)$`);
const TYPE = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram)$`);
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`);
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/y;
const SUFFIXES = { counter: [''], gauge: [''], histogram: ['_bucket', '_sum', '_count'] };

/** Reads the text format of Prometheus, 0.0.4, and throws at the first thing that is not as it says. */
export function parseMetrics(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('The last line has no end.');
  const families = new Map<string, { -readonly [Key in keyof Family]: Family[Key] } & { samples: Sample[] }>();
  const seen = new Set<string>();
  let help: RegExpExecArray | null = null;
  let current: (Family & { samples: Sample[] }) | undefined;
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const [isHelp, isType] = [HELP.exec(line), TYPE.exec(line)];
    if (isHelp) {
      help = isHelp;
    } else if (isType) {
      const [, name = '', type] = isType;
      if (help?.[1] !== name) throw new Error(`${name} has no help before its type.`);
      if (families.has(name)) throw new Error(`${name} is there twice.`);
      current = { name, help: help[2] ?? '', type: type as Family['type'], samples: [] };
      families.set(name, current);
    } else {
      const sample = parseSample(line);
      const family = current;
      if (family === undefined || !SUFFIXES[family.type].some((suffix) => sample.name === family.name + suffix))
        throw new Error(`${line} belongs to no family.`);
      const key = `${sample.name}${JSON.stringify(Object.entries(sample.labels).sort())}`;
      if (seen.has(key)) throw new Error(`${line} is there twice.`);
      seen.add(key);
      family.samples.push(sample);
    }
  }
  for (const family of families.values()) checkHistogram(family);
  return families;
}

function parseSample(line: string): Sample {
  const [, name = '', inner = '', number = ''] = SAMPLE.exec(line) ?? [];
  const value = number === '+Inf' ? Infinity : Number(number);
  // So prom-client writes the mean of nothing.
  const isNothing = number === 'Nan';
  if (name === '' || number === '' || (Number.isNaN(value) && !isNothing)) throw new Error(`${line} is no sample.`);
  const labels: Record<string, string> = {};
  for (LABEL.lastIndex = 0; LABEL.lastIndex < inner.length;) {
    const [, label = '', text = ''] = LABEL.exec(inner) ?? [];
    if (label === '' || label in labels) throw new Error(`${line} has labels that are none.`);
    labels[label] = text;
  }
  return { name, labels, value };
}

/** Buckets grow, end with +Inf, and that one is the count. */
function checkHistogram({ name, type, samples }: Family): void {
  if (type !== 'histogram') return;
  const series = new Map<string, Sample[]>();
  for (const sample of samples) {
    const rest = Object.entries(sample.labels).filter(([label]) => label !== 'le');
    const key = JSON.stringify(rest.sort());
    series.set(key, [...(series.get(key) ?? []), sample]);
  }
  for (const all of series.values()) {
    const buckets = all.filter((sample) => sample.name.endsWith('_bucket'));
    const values = buckets.map(({ value }) => value);
    const count = all.find((sample) => sample.name === `${name}_count`)?.value;
    const isOrdered = values.every((value, index) => index === 0 || value >= (values[index - 1] ?? 0));
    if (!isOrdered || buckets.at(-1)?.labels.le !== '+Inf' || values.at(-1) !== count)
      throw new Error(`${name} is no histogram.`);
  }
}

/** Of the samples with these labels, added up; 0 when there are none. */
export function total(
  families: ReadonlyMap<string, Family>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  const samples = [...families.values()].flatMap((family) => family.samples).filter((sample) => sample.name === name);
  return samples
    .filter((sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
    .reduce((sum, { value }) => sum + value, 0);
}

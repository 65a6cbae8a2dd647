import type { Dependency } from './dependency.js';
import { pythonRequirement } from './manifest-text.rules.js';

interface Setting {
  /** `tool.poetry.dependencies`; empty at the top. */
  readonly table: string;
  readonly key: string;
  /** As written; what spans lines is on one. */
  readonly value: string;
}

const MAX_VALUE_CHARS = 100_000;
/** Longer lines than anybody writes by hand are left out. Keeps the patterns below cheap, too. */
const MAX_LINE_CHARS = 2000;

/** The settings of a TOML file, as far as manifests need them: one a line, or a list over several lines. */
function settingsOf(text: string): Setting[] {
  const settings: Setting[] = [];
  let table = '';
  let open: { key: string; value: string } | undefined;
  for (const raw of text.split('\n')) {
    if (raw.length > MAX_LINE_CHARS) continue;
    const line = withoutComment(raw).trim();
    if (open) {
      open.value += ` ${line}`;
      if (isClosed(line, open.value)) {
        settings.push({ table, ...open });
        open = undefined;
      }
      continue;
    }
    if (line.startsWith('[')) {
      table = line.replace(/^\[+/, '').replace(/\]+$/, '').trim();
      continue;
    }
    const equals = line.indexOf('=');
    if (equals <= 0) continue;
    const setting = { key: unquoted(line.slice(0, equals)), value: line.slice(equals + 1).trim() };
    if (setting.value.startsWith('[') && !setting.value.endsWith(']')) open = setting;
    else settings.push({ table, ...setting });
  }
  return settings;
}

export function cargoDependencies(text: string): Dependency[] {
  const found = new Map<string, Dependency>();
  for (const { table, key, value } of settingsOf(text)) {
    const [, before = '', section = '', single] =
      /^(.*?)((?:dev-|build-)?dependencies)(?:\.(.{1,200}))?$/.exec(table.slice(0, 500)) ?? [];
    if (section === '' || (before !== '' && !before.endsWith('.'))) continue;
    const kind = section.startsWith('dev') ? 'development' : section.startsWith('build') ? 'build' : 'runtime';
    if (single === undefined) found.set(`${table} ${key}`, { name: key, version: versionIn(value), kind });
    else {
      const name = unquoted(single);
      const known = found.get(table)?.version;
      found.set(table, { name, version: key === 'version' ? versionIn(value) : known, kind });
    }
  }
  return [...found.values()];
}

export function pyprojectDependencies(text: string): Dependency[] {
  return settingsOf(text).flatMap(({ table, key, value }): Dependency[] => {
    if (table === 'project' && key === 'dependencies') return requirements(value, 'runtime');
    if (table === 'project.optional-dependencies') return requirements(value, 'optional');
    if (table === 'dependency-groups') return requirements(value, 'development');
    if (table === 'build-system' && key === 'requires') return requirements(value, 'build');
    if (table === 'tool.poetry.dependencies') {
      return key === 'python' ? [] : [{ name: key, version: versionIn(value), kind: 'runtime' }];
    }
    const isPoetryGroup = table.startsWith('tool.poetry.group.') && table.endsWith('.dependencies');
    if (!isPoetryGroup && table !== 'tool.poetry.dev-dependencies') return [];
    return [{ name: key, version: versionIn(value), kind: 'development' }];
  });
}

export function pipfileDependencies(text: string): Dependency[] {
  return settingsOf(text).flatMap(({ table, key, value }): Dependency[] => {
    if (table === 'packages') return [{ name: key, version: versionIn(value), kind: 'runtime' }];
    return table === 'dev-packages' ? [{ name: key, version: versionIn(value), kind: 'development' }] : [];
  });
}

const requirements = (list: string, kind: Dependency['kind']): Dependency[] =>
  stringsIn(list)
    .map((text) => pythonRequirement(text, kind))
    .filter((dependency) => dependency !== undefined);

/** Of `"1.2"` or `{ version = "1.2", … }`. */
function versionIn(value: string): string | undefined {
  if (/^["']/.test(value)) return stringsIn(value)[0];
  const at = /\bversion\s{0,5}=/.exec(value);
  return at ? stringsIn(value.slice(at.index))[0] : undefined;
}

/** Each quoted text. */
function stringsIn(value: string): string[] {
  const found: string[] = [];
  for (let index = 0; index < value.length; index++) {
    const quote = value.charAt(index);
    if (quote !== '"' && quote !== "'") continue;
    const end = value.indexOf(quote, index + 1);
    if (end < 0) break;
    found.push(value.slice(index + 1, end));
    index = end;
  }
  return found;
}

/** A list ends with the line that ends with its bracket. */
const isClosed = (line: string, value: string): boolean => line.endsWith(']') || value.length > MAX_VALUE_CHARS;

function withoutComment(line: string): string {
  let quote = '';
  for (let index = 0; index < line.length; index++) {
    const char = line.charAt(index);
    if (quote !== '') quote = char === quote ? '' : quote;
    else if (char === '"' || char === "'") quote = char;
    else if (char === '#') return line.slice(0, index);
  }
  return line;
}

const unquoted = (key: string): string => key.trim().replace(/^["']|["']$/g, '');

import type { Dependency } from './dependency.js';

/** Longer lines than anybody writes by hand are none of a manifest. Keeps the patterns below cheap, too. */
const MAX_LINE_CHARS = 500;

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => line.length <= MAX_LINE_CHARS)
    .map((line) => line.trim());

/** `name[extra]>=1; python_version < "3.9"` and `name @ https://…`, as PEP 508 has it. */
export function pythonRequirement(text: string, kind: Dependency['kind'] = 'runtime'): Dependency | undefined {
  const name = /^[A-Za-z0-9][A-Za-z0-9._-]*/.exec(text)?.[0];
  if (name === undefined) return undefined;
  const [wanted = ''] = text
    .slice(name.length)
    .replace(/^\s*\[[^\]]*\]/, '')
    .split(';');
  const version = wanted.trim().replace(/^\(|\)$/g, '');
  return { name, version: version === '' ? undefined : version, kind };
}

export const requirementsDependencies = (text: string): Dependency[] =>
  linesOf(text)
    .map((line) => line.split(/(?:^|\s)#/, 1)[0]?.trim() ?? '')
    .map((line) => line.split(' --', 1)[0] ?? '')
    .map((line) => pythonRequirement(line))
    .filter((dependency) => dependency !== undefined);

export function goModDependencies(text: string): Dependency[] {
  let isInBlock = false;
  const found: Dependency[] = [];
  for (const line of linesOf(text)) {
    if (/^require\s*\($/.test(line)) isInBlock = true;
    else if (line === ')') isInBlock = false;
    else if ((isInBlock || line.startsWith('require ')) && !line.includes('// indirect')) {
      const [name, version] = line.replace(/^require\s+/, '').split(/\s+/);
      if (name?.includes('.') && version?.startsWith('v')) found.push({ name, version, kind: 'runtime' });
    }
  }
  return found;
}

export function gemfileDependencies(text: string): Dependency[] {
  return linesOf(text).flatMap((line) => {
    if (!/^gem[\s(]/.test(line)) return [];
    const [name, version] = [...line.matchAll(/(?:^|[\s(,])['"]([^'"]*)['"]/g)].map(([, quoted]) => quoted);
    if (name === undefined) return [];
    return [
      { name, version: version !== undefined && /^[\s\d~<>=!]/.test(version) ? version : undefined, kind: 'runtime' },
    ];
  });
}

export function gradleDependencies(text: string): Dependency[] {
  return linesOf(text).flatMap((line) => {
    const configuration = /^([A-Za-z]+)[\s(]/.exec(line)?.[1];
    const kind = configuration === undefined ? undefined : gradleKind(configuration);
    if (!kind) return [];
    const [group, artifact, version] = /['"]([^'"]*)['"]/.exec(line)?.[1]?.split(':') ?? [];
    return group && artifact ? [{ name: `${group}:${artifact}`, version, kind }] : [];
  });
}

function gradleKind(configuration: string): Dependency['kind'] | undefined {
  if (
    !/(^|[a-z])(api|implementation|compile|compileOnly|runtimeOnly|classpath|kapt|annotationProcessor)$/i.test(
      configuration,
    )
  ) {
    return undefined;
  }
  if (/^(androidTest|test)/.test(configuration)) return 'test';
  return /^(classpath|kapt|annotationProcessor)$/.test(configuration) ? 'build' : 'runtime';
}

/** Those of the project itself: what it only manages for others is left out. */
export function pomDependencies(text: string): Dependency[] {
  const own = without(text, '<dependencyManagement>', '</dependencyManagement>');
  return elements(own, '<dependency>', '</dependency>').flatMap((element) => {
    const outer = without(element, '<exclusions>', '</exclusions>');
    const group = tag(outer, 'groupId');
    const artifact = tag(outer, 'artifactId');
    if (group === undefined || artifact === undefined) return [];
    const scope = tag(outer, 'scope');
    return [
      { name: `${group}:${artifact}`, version: tag(outer, 'version'), kind: scope === 'test' ? 'test' : 'runtime' },
    ];
  });
}

export function csprojDependencies(text: string): Dependency[] {
  return elements(text, '<PackageReference ', '>').flatMap((element) => {
    const name = attribute(element, 'Include');
    return name === undefined ? [] : [{ name, version: attribute(element, 'Version'), kind: 'runtime' as const }];
  });
}

/** What is between each start and the end that follows it. */
function elements(text: string, start: string, end: string): string[] {
  const found: string[] = [];
  for (let from = text.indexOf(start); from >= 0;) {
    const to = text.indexOf(end, from + start.length);
    if (to < 0) break;
    found.push(text.slice(from + start.length, to));
    from = text.indexOf(start, to);
  }
  return found;
}

function without(text: string, start: string, end: string): string {
  let rest = text;
  let kept = '';
  for (let from = rest.indexOf(start); from >= 0; from = rest.indexOf(start)) {
    const to = rest.indexOf(end, from);
    kept += rest.slice(0, from);
    rest = to < 0 ? '' : rest.slice(to + end.length);
  }
  return kept + rest;
}

const tag = (element: string, name: string): string | undefined =>
  elements(element, `<${name}>`, `</${name}>`)[0]?.trim();

const attribute = (element: string, name: string): string | undefined => elements(element, `${name}="`, '"')[0];

import type { Dependency } from './dependency.js';
import { cargoDependencies, pipfileDependencies, pyprojectDependencies } from './manifest-toml.rules.js';
import {
  csprojDependencies,
  gemfileDependencies,
  goModDependencies,
  gradleDependencies,
  pomDependencies,
  requirementsDependencies,
} from './manifest-text.rules.js';

export interface Manifest {
  readonly ecosystem: string;
  /** What the project depends on itself. Nothing is run to find out: what only a program could tell is not told. */
  readonly dependencies: readonly Dependency[];
}

interface ManifestKind {
  readonly ecosystem: string;
  readonly read: (text: string) => readonly Dependency[];
}

const NPM_KINDS = {
  dependencies: 'runtime',
  devDependencies: 'development',
  peerDependencies: 'peer',
  optionalDependencies: 'optional',
} as const;
const COMPOSER_KINDS = { require: 'runtime', 'require-dev': 'development' } as const;

const BY_NAME: Readonly<Record<string, ManifestKind>> = {
  'package.json': { ecosystem: 'npm', read: (text) => jsonDependencies(text, NPM_KINDS) },
  'composer.json': { ecosystem: 'composer', read: (text) => jsonDependencies(text, COMPOSER_KINDS) },
  'pyproject.toml': { ecosystem: 'python', read: pyprojectDependencies },
  Pipfile: { ecosystem: 'python', read: pipfileDependencies },
  'Cargo.toml': { ecosystem: 'cargo', read: cargoDependencies },
  'go.mod': { ecosystem: 'go', read: goModDependencies },
  Gemfile: { ecosystem: 'rubygems', read: gemfileDependencies },
  'pom.xml': { ecosystem: 'maven', read: pomDependencies },
  'build.gradle': { ecosystem: 'gradle', read: gradleDependencies },
  'build.gradle.kts': { ecosystem: 'gradle', read: gradleDependencies },
};
const BY_PATTERN: readonly (readonly [RegExp, ManifestKind])[] = [
  [/^requirements[\w.-]{0,50}\.txt$/, { ecosystem: 'python', read: requirementsDependencies }],
  [/^[^/]{1,200}\.csproj$/, { ecosystem: 'nuget', read: csprojDependencies }],
];

/** Undefined when a file of that name is no manifest. */
const kindOfManifest = (name: string): ManifestKind | undefined =>
  Object.hasOwn(BY_NAME, name) ? BY_NAME[name] : BY_PATTERN.find(([pattern]) => pattern.test(name))?.[1];

export const isManifest = (name: string): boolean => kindOfManifest(name) !== undefined;

/** @returns undefined when the text is not what the name says */
export function readManifest(name: string, text: string): Manifest | undefined {
  const kind = kindOfManifest(name);
  if (!kind) return undefined;
  try {
    return { ecosystem: kind.ecosystem, dependencies: kind.read(text) };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function jsonDependencies(text: string, kinds: Readonly<Record<string, Dependency['kind']>>): Dependency[] {
  const manifest: unknown = JSON.parse(text);
  if (!isObject(manifest)) throw new SyntaxError('A manifest is an object.');
  return Object.entries(kinds).flatMap(([field, kind]) => {
    const versions = manifest[field];
    if (!isObject(versions)) return [];
    return Object.entries(versions).map(([name, version]) => ({
      name,
      version: typeof version === 'string' ? version : undefined,
      kind,
    }));
  });
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

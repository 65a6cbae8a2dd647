/** Something that a project says it needs. */
export interface Dependency {
  readonly name: string;
  /** As it is written there, such as `^1.2`; undefined when none is. */
  readonly version: string | undefined;
  readonly kind: 'runtime' | 'development' | 'peer' | 'optional' | 'build' | 'test';
}

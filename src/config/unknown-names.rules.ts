/** Variables of the process that begin so are meant for NYX; of others nobody knows. */
const OWN = /^(NYX|LLM|RETENTION|SANDBOX|OIDC)_/;
/** What stands in `.env` for others: Compose, and what is set for tests. */
const OF_OTHERS = /^(COMPOSE|DOCKER|BUILDKIT|TEST|NYX_TEST|NYX_CHAOS)_/;
const MAX_EDITS = 3;

/** The names that are set and are not in `read`: of `.env` all, of the process those that must be meant for NYX. */
export function unknownNames(
  given: { readonly ofFile: readonly string[]; readonly ofProcess: readonly string[] },
  read: ReadonlySet<string>,
): string[] {
  const own = given.ofProcess.filter((name) => OWN.test(name) && !isOfService(name, given.ofProcess));
  return [...new Set([...given.ofFile, ...own])].filter((name) => !read.has(name) && !OF_OTHERS.test(name));
}

/** Kubernetes tells every pod of the Services beside it, and one may be called `nyx`. */
const isOfService = (name: string, names: readonly string[]): boolean =>
  names.some((other) => {
    const [, service] = /^(.+)_SERVICE_HOST$/.exec(other) ?? [];
    return service !== undefined && (name.startsWith(`${service}_SERVICE_`) || name.startsWith(`${service}_PORT`));
  });

export function warningOf(name: string, known: readonly string[]): string {
  const near = nearest(name.toUpperCase(), known);
  return `${name} is set, and NYX reads no variable of that name${near === undefined ? '' : `: use ${near}`}.`;
}

function nearest(name: string, known: readonly string[]): string | undefined {
  const plain = name.replace(/^NYX_/, '');
  const byEdits = known
    .map((other) => ({ other, edits: Math.min(editsBetween(name, other), editsBetween(plain, other)) }))
    .sort((one, other) => one.edits - other.edits);
  const [best] = byEdits.filter(({ other, edits }) => edits <= Math.min(MAX_EDITS, other.length / 3));
  return best?.other;
}

/** Levenshtein's distance: characters that are put in, left out or changed. */
function editsBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [line, character] of Array.from(one).entries()) {
    const next = [line + 1];
    for (const [index, expected] of Array.from(other).entries()) {
      const changed = (row[index] ?? 0) + (character === expected ? 0 : 1);
      next.push(Math.min(changed, (row[index + 1] ?? 0) + 1, (next[index] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

/**
 * What a migration may not do while the release before runs on the same tables: take away what that one uses, or lock a table that
 * may be large for as long as all its rows take. Tables that the same migration makes are free.
 */
export interface MigrationText {
  readonly name: string;
  /** False: it runs outside a transaction, as CREATE INDEX CONCURRENTLY has to. */
  readonly transaction?: boolean;
  readonly statements: readonly string[];
}

interface Rule {
  readonly pattern: RegExp;
  readonly why: string;
}

const OF_TABLE: readonly Rule[] = [
  { pattern: /\brename\b/, why: 'renames what the release before uses' },
  {
    pattern: /\bdrop (column )?(if exists )?(?!constraint|not null|default|expression|identity)\w/,
    why: 'drops a column that the release before uses',
  },
  {
    pattern: /\balter (column )?\w+ (set data )?type\b/,
    why: 'changes the type of a column, which rewrites the table',
  },
  {
    pattern: /\badd (constraint \w+ )?(check|foreign key)\b(?!.*\bnot valid\b)/,
    why: 'checks every row under a lock: add it NOT VALID, and validate it in a statement of its own',
  },
  {
    pattern: /\badd (constraint \w+ )?(unique|primary key|exclude)\b(?!.*\busing index\b)/,
    why: 'builds an index under a lock: build it CONCURRENTLY before',
  },
  {
    pattern: /\badd (column )?(if not exists )?(?!constraint)\w+ (?=.*\bnot null\b)(?!.*\bdefault\b)/,
    why: 'adds a column that the release before does not fill: give it a default',
  },
  {
    pattern:
      /\badd (column )?(if not exists )?(?!constraint|check|foreign|unique|primary|exclude)\w+ .*\b(check|references|unique|primary key)\b/,
    why: 'checks every row under a lock for a new column: add the constraint by itself, NOT VALID or USING INDEX',
  },
  {
    pattern: /\badd (column )?(?!constraint)(.*\bgenerated\b|(if not exists )?\w+ (small|big)?serial\b)/,
    why: 'rewrites the table for a column that is computed',
  },
  { pattern: /\bset (logged|unlogged|tablespace|access method|expression)\b/, why: 'rewrites the table' },
  {
    pattern: /\badd (column )?(?!constraint).*\bdefault \(?(gen_random_uuid|uuidv7|random|clock_timestamp|nextval)\b/,
    why: 'rewrites the table for a default that differs from row to row',
  },
];

const OF_STATEMENT: readonly Rule[] = [
  { pattern: /^drop table (?:if exists )?(?<table>[\w.]+)/, why: 'drops a table that the release before uses' },
  {
    pattern:
      /^drop (?:view|materialized view|function|procedure|trigger|type|domain|sequence|schema) (?:if exists )?(?<table>[\w.]+)/,
    why: 'drops what the release before uses',
  },
  { pattern: /^alter type (?<table>[\w.]+) (?!add value)/, why: 'changes a type that the release before uses' },
  {
    pattern: /^drop index (?!concurrently)(?:if exists )?(?<table>[\w.]+)/,
    why: 'locks its table: drop it CONCURRENTLY',
  },
  { pattern: /^truncate (?:table )?(?<table>[\w.]+)/, why: 'empties a table' },
  { pattern: /^lock (?:table )?(?<table>[\w.]+)/, why: 'locks a table' },
  {
    pattern:
      /^(?:cluster|vacuum full|reindex (?:table|index|schema|database)(?! concurrently)|refresh materialized view(?! concurrently)) (?<table>[\w.]+)/,
    why: 'rewrites a table under a lock',
  },
  {
    pattern: /^(?:update|delete from) (?<table>[\w.]+)/,
    why: 'holds the rows that it changes until its end: change them in batches, at run time',
  },
  {
    pattern: /^create (?:unique )?index (?!concurrently)(?:if not exists )?(?:\w+ )?on (?:only )?(?<table>[\w.]+)/,
    why: 'builds an index under a lock: build it CONCURRENTLY',
  },
];

/** @returns a sentence for each fault */
export function faultsOf({ name, transaction, statements }: MigrationText): string[] {
  const texts = statements.map(plain);
  const made = new Set(
    texts.flatMap((text) => /^create (?:unlogged )?table (?:if not exists )?([\w.]+)/.exec(text)?.[1] ?? []),
  );
  return texts.flatMap((text, index) =>
    whys(text, made, texts.slice(0, index), transaction !== false).map(
      (why) => `${name} ${why}: ${text.slice(0, 100)}`,
    ),
  );
}

function whys(text: string, made: ReadonlySet<string>, before: readonly string[], isInTransaction: boolean): string[] {
  if (/^(create|drop) (unique )?index concurrently/.test(text) && isInTransaction) {
    return ['needs `transaction = false` for CONCURRENTLY'];
  }
  if (/^(create|drop) (unique )?index concurrently/.test(text) && !before.includes('set lock_timeout = 0')) {
    return ['gives up after a second of waiting for who works: SET lock_timeout = 0 before'];
  }
  const altered = /^alter table (?:if exists )?(?:only )?(?<table>[\w.]+) (?<rest>.*)$/.exec(text)?.groups;
  if (altered !== undefined) {
    const { table = '', rest = '' } = altered;
    if (made.has(table)) return [];
    const found = OF_TABLE.filter(({ pattern }) => actions(rest).some((action) => pattern.test(action)));
    const isProven = before.some((earlier) => earlier.startsWith(`alter table ${table} validate constraint`));
    // Until its end a transaction keeps the lock under which it was added.
    const validated = isInTransaction ? /\bvalidate constraint (\w+)/.exec(rest)?.[1] : undefined;
    const isAddedHere =
      validated !== undefined && before.some((earlier) => earlier.includes(`add constraint ${validated} `));
    const setsNotNull = /\bset not null\b/.test(rest) && !isProven;
    return [
      ...found.map(({ why }) => why),
      ...(isAddedHere
        ? ['checks every row under the lock that added the constraint: do it in the next migration']
        : []),
      ...(setsNotNull ? ['reads every row under a lock: validate a CHECK that says the same before'] : []),
    ];
  }
  return OF_STATEMENT.filter(({ pattern }) => {
    const table = pattern.exec(text)?.groups?.table;
    return table !== undefined && !made.has(table);
  }).map(({ why }) => why);
}

/** What one ALTER TABLE does, apart: at the commas that stand in no brackets. */
function actions(rest: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const character of rest) {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (character === ',' && depth === 0) parts.push('');
    else parts.push((parts.pop() ?? '') + character);
  }
  return parts.map((part) => part.trim());
}

/** Without comments, bodies of functions, texts and quotes, in small letters, on one line. */
const plain = (statement: string): string =>
  statement
    .replaceAll(/--[^\n]*/g, ' ')
    .replaceAll(/\/\*.*?\*\//gs, ' ')
    .replaceAll(/\$(\w*)\$.*?\$\1\$/gs, "''")
    .replaceAll(/'(?:[^']|'')*'/g, "''")
    .replaceAll('"', '')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .toLowerCase();

/** What the prompt asks to have done with a file, a command, a page… */
export interface Intent {
  readonly kind: 'file' | 'command' | 'url' | 'query' | 'expression';
  /** Arguments by the names that a tool may use for them. */
  readonly known: Readonly<Record<string, unknown>>;
  /** For files: words for the operation, the nearest first. */
  readonly operations?: readonly string[];
}

const OPERATIONS = {
  read: ['read', 'read_file', 'get', 'view', 'cat', 'open', 'load'],
  list: ['list', 'list_directory', 'list_files', 'ls', 'dir'],
  write: ['write', 'write_file', 'create', 'create_file', 'save'],
  append: ['append', 'append_file'],
  delete: ['delete', 'delete_file', 'remove', 'rm'],
  copy: ['copy', 'copy_file', 'cp'],
  move: ['move', 'move_file', 'rename', 'mv'],
  search: ['search', 'find', 'glob', 'search_files', 'find_files'],
  grep: ['find_pattern', 'grep', 'search', 'search_files'],
  analyse: ['analyze_codebase', 'analyse_codebase'],
  mkdir: ['create_directory', 'make_directory', 'mkdir'],
  info: ['info', 'get_info', 'stat', 'get_file_stats', 'metadata', 'exists'],
} as const;
type Operation = keyof typeof OPERATIONS;

const PREFIX = '(?<![\\p{L}\\p{N}_])';
const NAME = '[\\p{L}\\p{N}_.~-]+(?:/[\\p{L}\\p{N}_.~-]+)*';
/** A path in quotes may be anything in one line; a bare one is told by its ending or its slashes. */
const QUOTED_PATH = '[`"“„\']([^`"“”„\'\\n]{1,200})[`"”“\']';
const BARE_FILE = `((?:\\.{1,2}/|/)[\\p{L}\\p{N}_.~/-]{0,200}[\\p{L}\\p{N}_~-]|(?:\\.{0,2}/)?(?:[\\p{L}\\p{N}_~-][\\p{L}\\p{N}_.~-]{0,100}/){0,10}[\\p{L}\\p{N}_.~-]{0,100}[\\p{L}\\p{N}_~-]\\.[\\p{L}][\\p{L}\\p{N}]{0,7}(?![\\p{L}\\p{N}_/]))`;
const BARE_FOLDER = `((?:\\.{0,2}/)?${NAME}/?)`;
const FILLER =
  '(?:(?:the|a|me|my|our|contents?|of|text|file|files|named|called|from|in|at|into|up|new|first|\\d{1,6}|lines?|die|der|das|den|dem|datei|dateien|inhalt|von|aus|mir|namens|ersten|zeilen)\\s+){0,8}';
const FOLDER_FILLER =
  '(?:(?:all|the|a|me|my|our|files|file|entries|contents?|directories|folders|and|recursively|folder|directory|of|in|inside|under|at|alle|die|den|der|dem|dateien|inhalt|des|im|in|von|ordner|verzeichnis|ordners|verzeichnisses|auf|rekursiv)\\s+){0,9}';

const pattern = (source: string): RegExp => new RegExp(source, 'giu');
const READ_VERBS =
  'read|open|show|display|print|cat|load|look at|look into|summari[sz]e|analy[sz]e|review|inspect|check|translate|lies|lese|öffne|zeige?|lade|prüfe|analysiere|übersetze|fasse';
const FILE_WORD = '(?:file|datei)(?:\\s+(?:named|called|namens))?';

const READS = [
  pattern(`${PREFIX}(?:${READ_VERBS})\\s+${FILLER}(?:${QUOTED_PATH}|${BARE_FILE})`),
  pattern(`${PREFIX}${FILE_WORD}\\s+(?:${QUOTED_PATH}|${BARE_FILE})`),
];
/** What follows a first file: ", b.txt and `c.txt`". */
const MORE_FILES = new RegExp(
  `^\\s*(?:,|and|und|&|, and|, und)\\s+(?:(?:the|file|die|datei)\\s+){0,2}(?:${QUOTED_PATH}|${BARE_FILE})`,
  'iu',
);
const LISTS = pattern(`${PREFIX}(?:list|show|liste|zeige?)\\s+(${FOLDER_FILLER})(?:${QUOTED_PATH}|${BARE_FOLDER})`);
const FILES_WORD =
  /(?<!\p{L})(?:files?|entries|contents?|folders?|director(?:y|ies)|dateien|inhalt|ordners?|verzeichniss?(?:es)?)(?!\p{L})/iu;
const WRITES = [
  pattern(
    `${PREFIX}(write|save|put|append|add|schreibe?|speichere?)\\s+["“„\`]([^"”“\`\\n]{0,10000})["”“\`]\\s+(?:to|into|in|as|nach|unter)\\s+${FILLER}(?:${QUOTED_PATH}|${BARE_FILE})`,
  ),
  pattern(
    `${PREFIX}(create|write|erstelle)\\s+${FILLER}(?:${QUOTED_PATH}|${BARE_FILE})\\s+(?:with|containing|mit)\\s+(?:the\\s+|dem\\s+)?(?:content|contents|text|inhalt)?\\s*:?\\s*["“„\`]([^"”“\`\\n]{0,10000})["”“\`]`,
  ),
];
const DELETES = pattern(`${PREFIX}(?:delete|remove|lösche?|entferne)\\s+${FILLER}(?:${QUOTED_PATH}|${BARE_FILE})`);
const TRANSFERS = pattern(
  `${PREFIX}(copy|move|rename|kopiere?|verschiebe?)\\s+${FILLER}(?:${QUOTED_PATH}|${BARE_FILE})\\s+(?:to|into|as|nach|in|zu)\\s+${FILLER}(?:${QUOTED_PATH}|${BARE_FILE}|${BARE_FOLDER})`,
);
const SEARCHES = pattern(
  `${PREFIX}(?:find|search(?:\\s+for)?|suche?(?:\\s+nach)?)\\s+(?:all\\s+|alle\\s+)?(?:files?\\s+|dateien\\s+)?(?:matching\\s+|named\\s+|like\\s+)?[\`"]([^\`"\\n]{1,200})[\`"]\\s+(?:in|under|unter)\\s+(?:(?:the|folder|directory|ordner|dem)\\s+){0,3}(?:${QUOTED_PATH}|${BARE_FOLDER})`,
);
const ANALYSES = pattern(
  `${PREFIX}(?:analy[sz]e|analysiere)\\s+(?:the\\s+|this\\s+|die\\s+|our\\s+)?code\\s?(?:base|basis)(?:\\s+(?:in|under|unter)\\s+(?:${QUOTED_PATH}|${BARE_FOLDER}))?`,
);
const MAKES_FOLDER = pattern(
  `${PREFIX}(?:create|make|erstelle)\\s+(?:(?:a|the|new|einen|den|neuen)\\s+){0,3}(?:folder|directory|ordner|verzeichnis)\\s+(?:(?:named|called|namens)\\s+)?(?:${QUOTED_PATH}|${BARE_FOLDER})`,
);

const COMMANDS = [
  /(?<![\p{L}\p{N}])(?:run|execute|call|start|starte)\s+(?:(?:the|this|shell|command|den|befehl)\s+){0,4}`([^`\n]{1,2000})`/giu,
  /(?<![\p{L}\p{N}])führe\s+(?:(?:den|bitte|befehl)\s+){0,3}`([^`\n]{1,2000})`\s+aus/giu,
];
const URLS =
  /(?<![\p{L}\p{N}])(?:fetch|get|open|download|read|load|request|call|visit|hole?|lade|öffne|lies|rufe?)\s+(?:[\p{L}]{1,12}\s+){0,4}[`"<]?(https?:\/\/[^\s`"<>]{1,2000})/giu;
const QUERIES =
  /(?<![\p{L}\p{N}])(?:search|look up|recall|google|suche)\s+(?:[\p{L}]{1,12}\s+){0,3}?(?:for|nach)\s+[`"“„]?([^`"”“\n.?!]{1,200})/giu;
const EXPRESSIONS =
  /(?<![\p{L}\p{N}])(?:calculate|compute|evaluate|what is|how much is|berechne|wie viel ist)\s+`?([\d(][\d\s+*/().,^%-]{1,200}[\d)])/giu;
const MOST_CALLS = 8;

/** All that the request asks to have done, in this order: what is named most exactly first. */
export function intentsIn(request: string): Intent[] {
  const files = [
    ...writes(request),
    ...transfers(request),
    ...deletes(request),
    ...folders(request),
    ...searches(request),
    ...analyses(request),
  ];
  const own = files.length > 0 ? files : [...reads(request), ...lists(request)];
  return [
    ...own,
    ...all(COMMANDS, request).map(([, command = '']): Intent => ({
      kind: 'command',
      known: commandArguments(command),
    })),
    ...all([URLS], request).map(([, url = '']): Intent => ({
      kind: 'url',
      known: { url: url.replace(/[.,;:!?)]+$/, ''), method: 'GET' },
    })),
    ...all([QUERIES], request).map(([, query = '']): Intent => ({ kind: 'query', known: { query: query.trim() } })),
    ...all([EXPRESSIONS], request).map(([, expression = '']): Intent => ({
      kind: 'expression',
      known: { expression: expression.trim() },
    })),
  ].slice(0, MOST_CALLS);
}

const all = (patterns: readonly RegExp[], text: string): RegExpExecArray[] =>
  patterns.flatMap((each) => [...text.matchAll(each)]);

const file = (operation: Operation, known: Readonly<Record<string, unknown>>): Intent => ({
  kind: 'file',
  known: { ...known, file_path: known.path, filename: known.path, file: known.path, directory: known.path },
  operations: OPERATIONS[operation],
});

function reads(request: string): Intent[] {
  const lines = /\bfirst (\d{1,6}) lines\b|\bersten (\d{1,6}) Zeilen\b/i.exec(request);
  const most = lines === null ? {} : { max_lines: Number(lines[1] ?? lines[2]) };
  const paths = new Set<string>();
  for (const match of all(READS, request)) {
    const [path] = given(match);
    if (path === undefined || !isPath(path)) continue;
    paths.add(path);
    moreFiles(request.slice(match.index + match[0].length)).forEach((each) => paths.add(each));
  }
  return [...paths].map((path) => file('read', { path, ...most }));
}

function moreFiles(text: string): string[] {
  const found: string[] = [];
  let rest = text.slice(0, 2000);
  for (let match = MORE_FILES.exec(rest); match !== null; match = MORE_FILES.exec(rest)) {
    const path = match[1] ?? match[2] ?? '';
    if (isPath(path)) found.push(path);
    rest = rest.slice(match[0].length);
  }
  return found;
}

function lists(request: string): Intent[] {
  const isDeep = /\brecursive(?:ly)?\b|\brekursiv\b/i.test(request);
  return all([LISTS], request).flatMap(([, filler = '', quoted, bare = '']) => {
    const path = quoted ?? (FILES_WORD.test(bare) ? '.' : bare);
    // "list the advantages" names no folder, and "show the file a.txt" was read already.
    const isFolder = quoted !== undefined || FILES_WORD.test(`${filler}${bare}`) || bare.includes('/');
    return isFolder && (path === '.' || !/\.\p{L}{1,8}$/u.test(path))
      ? [file('list', { path: trimmed(path), ...(isDeep && { recursive: true }) })]
      : [];
  });
}

const writes = (request: string): Intent[] => [
  ...all(WRITES.slice(0, 1), request).map(([, verb = '', content = '', quoted, bare]) =>
    file(/^(?:append|add)$/i.test(verb) ? 'append' : 'write', { path: quoted ?? bare, content }),
  ),
  ...all(WRITES.slice(1), request).map(([, , quoted, bare, content = '']) =>
    file('write', { path: quoted ?? bare, content }),
  ),
];

const transfers = (request: string): Intent[] =>
  all([TRANSFERS], request).map(([, verb = '', quoted, bare, ...to]) => {
    const destination = trimmed(to.find(Boolean) ?? '');
    return file(/^(?:copy|kopier)/i.test(verb) ? 'copy' : 'move', { path: quoted ?? bare, destination });
  });

const deletes = (request: string): Intent[] =>
  all([DELETES], request).flatMap((match) => {
    const [path] = given(match);
    return path !== undefined && isPath(path) ? [file('delete', { path })] : [];
  });

const folders = (request: string): Intent[] =>
  all([MAKES_FOLDER], request).map((match) => file('mkdir', { path: trimmed(given(match)[0] ?? '') }));

const searches = (request: string): Intent[] =>
  all([SEARCHES], request).map(([, wanted = '', quoted, bare]) =>
    // A name has an ending or a wildcard; anything else is looked for inside files.
    file(/[*?]|\.\w{1,8}$/.test(wanted) ? 'search' : 'grep', { pattern: wanted, path: trimmed(quoted ?? bare ?? '.') }),
  );

const analyses = (request: string): Intent[] =>
  all([ANALYSES], request).map((match) => file('analyse', { path: trimmed(given(match)[0] ?? '.') }));

const commandArguments = (command: string): Record<string, unknown> => ({
  command,
  cmd: command,
  // Without a shell's own marks the words are the arguments.
  ...(!/["'\\|&;<>$`*?(){}[\]~#]/.test(command) && { argv: command.trim().split(/\s+/) }),
});

const given = (match: RegExpExecArray): string[] => match.slice(1).filter(Boolean);

/** In quotes anything could stand: a path has no blank ends, and an ending, a slash or a dot. */
const isPath = (text: string): boolean =>
  text === text.trim() &&
  /^[^\s:*?|]+(?: [^\s:*?|]+){0,4}$/u.test(text) &&
  /[./]/.test(text) &&
  !/^(?:e\.g|i\.e|z\.b|d\.h)$/i.test(text);

/** A folder without its last slash, and without the full stop of the sentence. */
const trimmed = (path: string): string => path.replace(/(?<=[^./])\.$/, '').replace(/(?<=.)\/$/, '');

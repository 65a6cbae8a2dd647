const { options } = require('./.dependency-cruiser.cjs');

/** A check of its own: it leaves out imports of types, which the floors count. */
module.exports = {
  forbidden: [
    {
      name: 'pure-core-at-run-time',
      comment: 'nothing that rules load brings in the framework or the store, however far away',
      severity: 'error',
      from: { path: '\\.rules\\.ts$' },
      to: { path: 'node_modules/(@nestjs|typeorm|pg|@dbos-inc)/', reachable: true },
    },
  ],
  options: { ...options, tsPreCompilationDeps: false },
};

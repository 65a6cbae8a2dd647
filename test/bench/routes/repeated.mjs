/** Those that write and can be asked for the same again and again. */
export const repeatedWrites = (ids) => {
  const id = (collection) => `${collection}/${ids.get(collection)}`;
  const state = id('/api/v1/motivational/states');
  const workflow = id('/api/v1/orchestrator/workflows');
  const engine = '/api/v1/motivational/engine';
  const setting = '/api/v1/system/config/approval_timeout_minutes';
  const webhook = id('/api/v1/system/webhooks');
  const nothing = { evaluation_interval: 3_600, min_arbitration_threshold: 1 };
  return [
    [
      'PATCH /api/v1/orchestrator/thought-trees/{id}',
      id('/api/v1/orchestrator/thought-trees'),
      { importance_level: 'high' },
    ],
    ['POST /api/v1/orchestrator/workflows/{id}/feedback', `${workflow}/feedback`, { score: 0.9 }],
    ['POST /api/v1/orchestrator/events', '/api/v1/orchestrator/events', { type: 'build.failed', source: 'bench' }],
    ['PATCH /api/v1/llm/budgets/{id}', id('/api/v1/llm/budgets'), { limit_usd: 2 }],
    ['PATCH /api/v1/motivational/states/{type}', state, { decay_rate: 0.02 }],
    ['POST /api/v1/motivational/states/{type}/boost', `${state}/boost`, { boost_amount: 0.01 }],
    // Once started it gives no task: nothing is worth that much.
    ['POST /api/v1/motivational/engine/start', `${engine}/start`, nothing],
    ['PUT /api/v1/motivational/engine/config', `${engine}/config`, nothing],
    ['POST /api/v1/motivational/engine/stop', `${engine}/stop`],
    ['PUT /api/v1/system/config/{key}', setting, { config_value: 1440 }],
    ['DELETE /api/v1/system/config/{key}', setting],
    ['POST /api/v1/system/webhooks/{id}/redeliver', `${webhook}/redeliver`],
  ].map(([route, url, body]) => ({ route, url, body }));
};

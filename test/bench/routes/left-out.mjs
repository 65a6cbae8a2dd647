const STREAM = { 'GET /api/v1/orchestrator/workflows/{id}/events': 'a stream, which lasts as long as its workflow' };
const PASSWORD = 'hashes a password, which is slow on purpose';

/** GET routes whose statements are not counted. */
export const NOT_COUNTED = { ...STREAM, 'GET /metrics': 'answers no JSON' };

/** Routes that are not asked under load. */
export const NOT_LOADED = {
  ...STREAM,
  'POST /api/v1/auth/login': PASSWORD,
  'POST /api/v1/auth/password': PASSWORD,
  'POST /api/v1/auth/users': PASSWORD,
  'POST /api/v1/llm/generate': 'waits for a model',
  'POST /api/v1/tools/execute': 'waits for a tool',
};

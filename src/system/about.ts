/** What NYX says about itself. Every feature named here has a route or a test. */
export const ABOUT = {
  name: 'NYX Autonomous Agent API',
  service: 'nyx-api',
  version: '1.0.0',
  description: 'REST API for NYX autonomous orchestration system',
  features: [
    'durable workflows that resume after a crash',
    'planning into subtasks, run in sequence or in parallel by agents',
    'a record and an exact price of every model call',
    'budgets that hold before a call is sent',
    'progress and events of every workflow',
  ],
  endpoints: {
    orchestrator: '/api/v1/orchestrator',
    motivational: '/api/v1/motivational',
    system: '/api/v1/system',
    tools: '/api/v1/tools',
    llm: '/api/v1/llm',
    auth: '/api/v1/auth',
    health: '/health',
    docs: '/docs',
  },
} as const;

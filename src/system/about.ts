import { RELEASE } from '../config/release.js';

/** What NYX says about itself. Every feature named here has a route or a test. `live_…` are namespaces of Socket.IO. */
export const ABOUT = {
  name: 'NYX Autonomous Agent API',
  service: 'nyx-api',
  version: RELEASE,
  description: 'REST API for NYX autonomous orchestration system',
  features: [
    'durable workflows that resume after a crash',
    'planning into subtasks, run in sequence or in parallel by agents',
    'a record and an exact price of every model call',
    'budgets that hold before a call is sent',
    'progress and events of every workflow as they happen, by Socket.IO and Server-Sent Events',
    'webhooks: events told to receivers elsewhere, signed, in order, tried again for a day',
    'metrics for Prometheus and traces for OpenTelemetry',
    'motivations that find work of their own when nobody asks, and say why',
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
    redoc: '/redoc',
    openapi: '/openapi.json',
    asyncapi: '/asyncapi.json',
    metrics: '/metrics',
    webhooks: '/api/v1/system/webhooks',
    live_workflows: '/ws/workflows',
    live_motivation: '/ws/motivation',
    live_status: '/ws/system/status',
  },
} as const;

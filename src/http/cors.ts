/** Browsers of these origins may call with credentials; no other origin is trusted. `RouteTable` ends preflights: it knows the methods of an address. */
export const corsOptions = (origins: readonly string[]) => ({
  origin: [...origins],
  credentials: true,
  preflightContinue: true,
  methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
  allowedHeaders: [
    'Authorization',
    'X-API-Key',
    'Content-Type',
    'Idempotency-Key',
    'Prefer',
    'Last-Event-ID',
    'X-Request-Id',
  ],
  exposedHeaders: [
    'Location',
    'Retry-After',
    'RateLimit-Limit',
    'RateLimit-Remaining',
    'RateLimit-Reset',
    'X-Request-Id',
  ],
  maxAge: 600,
});

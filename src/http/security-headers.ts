import type { NextFunction, Request, RequestHandler, Response } from 'express';
import helmet from 'helmet';

const shared = {
  crossOriginResourcePolicy: { policy: 'same-origin' },
  referrerPolicy: { policy: 'no-referrer' },
  frameguard: { action: 'deny' },
} as const;

const none = ["'none'"];
const self = ["'self'"];

const forApi = helmet({
  ...shared,
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { defaultSrc: none, baseUri: none, formAction: none, frameAncestors: none },
  },
});

/** The documentation pages style inline, and ReDoc searches in a worker made of a blob. Scripts still come only from here. */
const forPages = helmet({
  ...shared,
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: none,
      scriptSrc: self,
      styleSrc: [...self, "'unsafe-inline'"],
      imgSrc: [...self, 'data:'],
      fontSrc: [...self, 'data:'],
      connectSrc: self,
      workerSrc: ['blob:'],
      baseUri: none,
      formAction: none,
      frameAncestors: none,
    },
  },
});

const PAGE = /^\/(docs|redoc)(\/|$)/;

/** Strict headers for everything; answers are not to be cached unless a route says so. */
export const securityHeaders: RequestHandler = (request: Request, response: Response, next: NextFunction) => {
  response.setHeader('Cache-Control', 'no-store');
  (PAGE.test(request.path) ? forPages : forApi)(request, response, next);
};

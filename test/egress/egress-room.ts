import { Egress } from '../../src/egress/egress.js';
import { EgressRefused, type EgressRequest, type EgressResponse } from '../../src/egress/egress.types.js';
import { type DnsServer, startDnsServer } from './dns-server.js';
import { type Loopback, startLoopback } from './loopback.js';

/** Two sites that may be asked, one that must never be, and names for them. */
export class EgressRoom {
  /** What the site redirects to, by its path; the status may stand before it. */
  readonly redirects = new Map<string, string>();
  readonly bodies = new Map<string, { readonly encoding: string; readonly bytes: Buffer }>();

  private constructor(
    readonly site: Loopback,
    readonly other: Loopback,
    readonly trap: Loopback,
    readonly dns: DnsServer,
    /** Loopback, so that a test can be reached at all. */
    readonly egress: Egress,
  ) {}

  /** For a whole file; its servers end with it. */
  static async start(): Promise<EgressRoom> {
    const other = await startLoopback();
    const trap = await startLoopback();
    const dns = await startDnsServer({
      'site.test': [['127.0.0.1']],
      'rebinding.test': [['127.0.0.1'], ['127.0.0.2']],
      'inner.test': [['127.0.0.1']],
      'mixed.test': [['93.184.216.34', '127.0.0.2']],
      'mixed6.test': [['127.0.0.1', '::ffff:a9fe:a9fe']],
      'metadata.test': [['169.254.169.254']],
    });
    const site = await startLoopback((request, response) => {
      const path = request.url ?? '';
      const [, status = '302', location] = /^(?:(\d{3}) )?(.*)$/s.exec(room.redirects.get(path) ?? '') ?? [];
      const body = room.bodies.get(path);
      if (room.redirects.has(path)) response.writeHead(Number(status), { location }).end('moved');
      else if (body) response.writeHead(200, { 'content-encoding': body.encoding }).end(body.bytes);
      else response.setHeader('x-a', ['1', '2']).end(`body of ${path}`);
    });
    const room = new EgressRoom(site, other, trap, dns, new Egress(['127.0.0.1/32'], dns.lookup));
    return room;
  }

  forget(): void {
    for (const server of [this.site, this.other, this.trap]) server.seen.length = 0;
    this.dns.asked.length = 0;
    this.redirects.clear();
  }

  async close(): Promise<void> {
    await Promise.all([this.site, this.other, this.trap, this.dns].map((server) => server.close()));
  }

  fetch(url: string, request: Partial<EgressRequest> = {}, through = this.egress): Promise<EgressResponse> {
    const { site, other } = this;
    return through.fetch({
      url,
      method: 'GET',
      allowedHosts: [site.place, other.place, ...on(site, 'site.test', 'rebinding.test', 'mixed.test', 'mixed6.test')],
      maxRedirects: 3,
      maxBytes: 1000,
      timeoutMs: 10_000,
      signal: new AbortController().signal,
      ...request,
    });
  }
}

const on = (server: Loopback, ...names: string[]): string[] => names.map((name) => `${name}:${server.port}`);

export async function refusalOf(work: Promise<unknown>): Promise<EgressRefused> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof EgressRefused) return error;
  throw new Error(`It was not refused: ${String(error)}`);
}

export const ruleOf = async (work: Promise<unknown>): Promise<string> => (await refusalOf(work)).rule;

export const text = ({ body }: EgressResponse): string => Buffer.from(body).toString();

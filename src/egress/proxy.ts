import { chmod, mkdir, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { dirname } from 'node:path';
import { Injectable, Logger } from '@nestjs/common';
import { type AddressRange, parseRanges } from './address.rules.js';
import type { AllowedHosts } from './egress.types.js';
import { type Lookup, lookupOfSystem } from './pinned-addresses.js';
import { IDLE_MS, ProxyTraffic } from './proxy-traffic.js';
import { forwardRequest } from './proxy-request.js';
import { openTunnel, refuseUpgrade } from './proxy-tunnel.js';

/** One more is not accepted. */
const MAX_CONNECTIONS = 64;
const MAX_HEADER_BYTES = 32_768;
const HEADERS_TIMEOUT_MS = 10_000;

export interface EgressProxyRequest {
  /** In a folder that is made, or that nobody else may enter. */
  readonly socketPath: string;
  readonly allowedHosts: AllowedHosts;
  /** Ends the proxy and everything that goes through it. */
  readonly signal: AbortSignal;
}

export interface RunningEgressProxy {
  /** Resolves when no connection is left and the socket is gone. */
  close(): Promise<void>;
}

/**
 * HTTP proxies on Unix sockets, for programs that have no other network: `CONNECT` and absolute-form `http` requests, by the same
 * rules as `Egress`. What goes through a tunnel is not looked into: a host that is allowed is allowed whatever is sent there.
 */
@Injectable()
export class EgressProxy {
  private readonly logger = new Logger(EgressProxy.name);
  private readonly exceptedRanges: readonly AddressRange[];

  constructor(
    privateRanges: readonly string[],
    private readonly lookup: Lookup = lookupOfSystem,
  ) {
    this.exceptedRanges = parseRanges(privateRanges);
  }

  /** @throws Error when there cannot be a socket, or when others may enter its folder */
  async start({ socketPath, allowedHosts, signal }: EgressProxyRequest): Promise<RunningEgressProxy> {
    signal.throwIfAborted();
    await makeFolder(dirname(socketPath));
    const traffic = new ProxyTraffic(allowedHosts, this.exceptedRanges, this.lookup, this.logger);
    const server = createServer({
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: HEADERS_TIMEOUT_MS,
      insecureHTTPParser: false,
    });
    server.maxConnections = MAX_CONNECTIONS;
    server.timeout = IDLE_MS;
    server.on('connection', (socket) => traffic.watch(socket));
    server.on('request', (request, response) => void forwardRequest(traffic, request, response));
    server.on('connect', (request, socket, head) => void openTunnel(traffic, request, socket, head));
    server.on('upgrade', (_request, socket) => refuseUpgrade(socket));
    await listen(server, socketPath);
    const running = new RunningProxy(server, traffic, signal);
    await chmod(socketPath, 0o600).catch(async (error: unknown) => {
      await running.close();
      throw error;
    });
    if (signal.aborted) await running.close();
    return running;
  }
}

class RunningProxy implements RunningEgressProxy {
  private closed: Promise<void> | undefined;
  private readonly closeOnAbort = (): void => void this.close();

  constructor(
    private readonly server: Server,
    private readonly traffic: ProxyTraffic,
    private readonly signal: AbortSignal,
  ) {
    signal.addEventListener('abort', this.closeOnAbort, { once: true });
  }

  close(): Promise<void> {
    this.closed ??= new Promise((resolve) => {
      this.signal.removeEventListener('abort', this.closeOnAbort);
      this.server.close(() => resolve());
      this.traffic.end();
    });
    return this.closed;
  }
}

/** The socket is made with the permissions of the process' umask; its folder keeps others away until they are set. */
async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { mode } = await stat(folder);
  if ((mode & 0o077) !== 0) throw new Error(`Others may enter ${folder}: no socket is made there.`);
}

const listen = (server: Server, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path }, () => {
      server.off('error', reject);
      resolve();
    });
  });

import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose';

/** A real OpenID provider, as far as NYX asks one: its configuration and its keys over HTTP. */
export class OidcProviderServer {
  private server!: Server;
  private keys: { id: string; privateKey: CryptoKey; publicKey: CryptoKey; alg: string }[] = [];
  asked = 0;
  isAway = false;
  /** Bytes of white space before its answers. */
  padding = 0;
  issuer = '';

  async start(): Promise<void> {
    await this.rotate('first', 'RS256');
    this.server = createServer((request, response) => void this.answer(request.url ?? '', response));
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.issuer = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/realm`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  async rotate(id: string, alg: string): Promise<void> {
    this.keys.push({ id, alg, ...(await generateKeyPair(alg, { extractable: true })) });
  }

  get current() {
    const key = this.keys.at(-1);
    if (key === undefined) throw new Error('It has no key.');
    return key;
  }

  sign(claims: JWTPayload, header: object = {}): Promise<string> {
    const { id, alg, privateKey } = this.current;
    return new SignJWT({ iss: this.issuer, aud: 'nyx', sub: 'user-1', roles: ['operator'], ...claims })
      .setProtectedHeader({ alg, kid: id, ...header })
      .setExpirationTime(claims.exp ?? '5m')
      .sign(privateKey);
  }

  private async answer(path: string, response: ServerResponse): Promise<void> {
    if (this.isAway) return void response.writeHead(500).end();
    response.setHeader('content-type', 'application/json');
    if (this.padding > 0) response.write(' '.repeat(this.padding));
    if (path === '/realm/.well-known/openid-configuration') {
      response.end(JSON.stringify({ issuer: this.issuer, jwks_uri: `${this.issuer.replace(/\/$/, '')}/keys` }));
    } else {
      this.asked += 1;
      const keys = await Promise.all(
        this.keys.map(async ({ id, alg, publicKey }) => ({
          ...(await exportJWK(publicKey)),
          kid: id,
          alg,
          use: 'sig',
        })),
      );
      response.end(JSON.stringify({ keys }));
    }
  }
}

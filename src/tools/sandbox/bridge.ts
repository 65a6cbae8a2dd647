/** Where programs in the sandbox find the proxy. */
const PROXY_PORT = 3128;
/** The proxy's socket, as the sandbox sees it. */
export const PROXY_SOCKET = '/run/nyx/proxy.sock';

/**
 * Run by Node in the sandbox: connections to its loopback go on to the proxy's socket outside; the first line says it listens.
 * It checks nothing, since the proxy does, out of the program's reach.
 */
export const BRIDGE = `
const net = require('node:net');
net.createServer({ allowHalfOpen: true }, (client) => {
  const proxy = net.connect({ path: '${PROXY_SOCKET}', allowHalfOpen: true });
  client.pipe(proxy).pipe(client);
  client.on('error', () => proxy.destroy());
  proxy.on('error', () => client.destroy());
  client.on('close', () => proxy.destroy());
  proxy.on('close', () => client.destroy());
}).listen(${PROXY_PORT}, '127.0.0.1', () => process.stdout.end('\\n'));`;

/**
 * Starts the bridge before what follows. Its output is a pipe of its own, which nobody holds once it listens; and it takes no input
 * from the program.
 */
export const START_BRIDGE = `
mkfifo /tmp/.bridge
"$1" --max-old-space-size=64 -e "$2" </dev/null >/tmp/.bridge 3>&- &
read -r ready </tmp/.bridge
rm /tmp/.bridge
shift 2`;

export const proxyEnvironment = (): Readonly<Record<string, string>> => {
  const proxy = `http://127.0.0.1:${PROXY_PORT}`;
  const names = ['http_proxy', 'https_proxy', 'all_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'];
  return {
    ...Object.fromEntries(names.map((name) => [name, proxy])),
    no_proxy: 'localhost,127.0.0.1',
    NO_PROXY: 'localhost,127.0.0.1',
  };
};

import { IN_FILES } from '../../config/environment.js';
import { VARIABLES } from '../../config/load-config.js';
import { ORIGINAL_NAMES } from '../../config/original-names.rules.js';
import type { Environment } from '../../config/settings.rules.js';

const isOfModel = (name: string): boolean => /^(ANTHROPIC|LLM)_/.test(name);

/** What may be in a file and is of the model: the caller's environment has to be read with these, and only these. */
export const MODEL_SECRETS = IN_FILES.filter(isOfModel);

/** What programs, Node and its way to the model need of the machine. */
const OF_PROCESS = [
  'PATH',
  'HOME',
  'TMPDIR',
  'LD_LIBRARY_PATH',
  'NODE_OPTIONS',
  'NODE_EXTRA_CA_CERTS',
  'NODE_USE_SYSTEM_CA',
  'NODE_TLS_REJECT_UNAUTHORIZED',
  'NODE_USE_ENV_PROXY',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'].flatMap((name) => [name, name.toLowerCase()]),
];

const HANDED_ON = [...OF_PROCESS, ...[...VARIABLES, ...ORIGINAL_NAMES].filter(isOfModel)];

/** The demo's NYX gets the caller's model, and nothing else of what the caller's NYX has: above all not its database. */
export function childEnvironment(caller: Environment, folder: string, password: string): Environment {
  return {
    ...Object.fromEntries(HANDED_ON.map((name) => [name, caller[name]])),
    NODE_ENV: 'development',
    HOST: '127.0.0.1',
    PORT: '0',
    NYX_DATA_DIR: folder,
    NYX_ADMIN_USERNAME: 'demo',
    NYX_ADMIN_PASSWORD: password,
    LOG_LEVEL: 'warn',
  };
}

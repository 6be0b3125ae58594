import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startDaemon } from './daemon.ts';
import { findProgram } from './require-program.ts';
import { type ProgramOptions, type ProgramResult, runProgram, tryProgram } from './run-program.ts';
import { asService, type Service } from './service.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A Docker Engine of the test's own. */
export interface DockerEngine extends Service {
  /** `unix:///...`, for DOCKER_HOST. */
  readonly host: string;
  /** Runs the `docker` command against it; throws with its output where that fails. */
  docker(args: readonly string[], options?: ProgramOptions): Promise<ProgramResult>;
}

/**
 * Starts Debian's `dockerd` (root needed) with all of its state in a temporary folder. It lives in mount and process
 * namespaces of its own, so that its mounts and containers end with it, even when this process is killed. Containers
 * have `--network=host` or `none`; registries on 127.0.0.0/8 need no TLS.
 */
export async function startDockerEngine(): Promise<DockerEngine> {
  const scratch = temporaryFolder();
  const socket = join(scratch, 'docker.sock');
  const host = `unix://${socket}`;
  const at = (name: string) => join(scratch, name);
  mkdirSync(at('config'));
  writeFileSync(at('daemon.json'), '{}');
  const env = { ...process.env, DOCKER_HOST: host, DOCKER_CONFIG: at('config'), DOCKER_CONTEXT: '' };
  const client = findProgram('docker') ?? 'docker';
  const docker = (args: readonly string[], options: ProgramOptions = {}) =>
    runProgram([client, ...args], { ...options, env: { ...env, ...options.env } });

  const own = ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const places = [
    '--host',
    host,
    '--data-root',
    at('data'),
    '--exec-root',
    at('exec'),
    '--pidfile',
    at('pid'),
  ];
  const network = ['--iptables=false', '--ip6tables=false', '--bridge=none'];
  const dockerd = [
    findProgram('dockerd') ?? 'dockerd',
    '--config-file',
    at('daemon.json'),
    ...places,
    ...network,
  ];
  const { daemon } = await startDaemon(
    ['unshare', ...own, ...dockerd],
    async () => (existsSync(socket) && (await tryProgram([client, 'info'], { env })).code === 0) || undefined,
    { patience: 60_000, stopSignal: 'SIGKILL' },
  );
  return asService({ host, docker }, async () => {
    const { stdout } = await tryProgram([client, 'ps', '--all', '--quiet'], { env });
    const containers = stdout.split('\n').filter(Boolean);
    if (containers.length > 0) await tryProgram([client, 'rm', '--force', ...containers], { env });
    await daemon.stop();
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  });
}

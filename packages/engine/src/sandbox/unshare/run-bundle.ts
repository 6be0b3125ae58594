import { existsSync, fchownSync, openSync, readFileSync, writeSync } from 'node:fs';
import { capabilityCount, capabilityNumber } from '../capabilities.ts';
import type { SandboxConfig } from '../sandbox-config.ts';
import { findCommand } from './find-command.ts';
import { type Kernel, loadKernel } from './kernel.ts';
import { placeMounts } from './place-mounts.ts';

/*
 * A small runtime for machines without crun and runc: a program of its own that the launcher becomes, in namespaces of
 * its own already. It turns the bundle in the working folder into a root and becomes the command. No control groups, as
 * with the others.
 */

async function main(joinFiles: readonly string[]): Promise<never> {
  const groups = joinFiles.map((file) => openSync(file, 'w'));
  const config = JSON.parse(readFileSync('config.json', 'utf8')) as SandboxConfig;
  const kernel = await loadKernel();
  try {
    kernel.setHostname(config.hostname);
    if (config.linux.namespaces.some(({ type }) => type === 'network')) kernel.startLoopback();
    enterRoot(kernel, config);
    return becomeCommand(kernel, config, groups);
  } catch (error) {
    tell(error);
    // At once: Node's event loop uses io_uring, which the filter refuses.
    return kernel.exit(failed);
  }
}

function enterRoot(kernel: Kernel, config: SandboxConfig): void {
  const root = config.root.path;
  // pivot_root(2) wants a mount point; binding makes one of any folder.
  kernel.mount(root, root, { type: 'none', flags: 4096 | 16384, data: '' });
  placeMounts(kernel, config, root);
  process.chdir(root);
  kernel.switchRoot();
}

function becomeCommand(
  kernel: Kernel,
  { process: command, annotations }: SandboxConfig,
  groups: readonly number[],
): never {
  const { uid, gid, additionalGids, umask } = command.user;
  for (const { soft, hard } of command.rlimits) kernel.limitOpenFiles(soft, hard);
  for (const group of groups) writeSync(group, '0');
  const bounding = new Set(command.capabilities.bounding.map(capabilityNumber));
  for (let capability = 0; capability < capabilityCount; capability++) {
    if (!bounding.has(capability)) dropCapability(kernel, capability);
  }
  // Commands open /dev/stdout again, which takes the right to.
  for (const stream of uid === 0 ? [] : [1, 2]) fchownSync(stream, uid, gid);
  const filter = annotations?.['run.oci.seccomp_bpf_data'];
  // Only root may without giving up setuid programs; what follows it allows.
  if (filter !== undefined) kernel.filterCalls(Buffer.from(filter, 'base64'));
  process.setgroups?.([...additionalGids]);
  process.setgid?.(gid);
  process.setuid?.(uid);
  process.umask(umask);
  process.chdir(command.cwd);
  const file = findCommand(command.args[0] ?? '', command.env);
  return kernel.execute(file, command.args, withHome(command.env, uid));
}

/** Runtimes set HOME where nobody did: passwd(5). */
function withHome(env: readonly string[], uid: number): readonly string[] {
  if (env.some((entry) => entry.startsWith('HOME='))) return env;
  const users = existsSync('/etc/passwd') ? readFileSync('/etc/passwd', 'utf8').split('\n') : [];
  const home = users.map((line) => line.split(':')).find((fields) => fields[2] === String(uid))?.[5];
  return [...env, `HOME=${home || '/'}`];
}

/** The kernel may know fewer capabilities than we do. */
function dropCapability(kernel: Kernel, capability: number): void {
  try {
    kernel.dropFromBoundingSet(capability);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error;
  }
}

// Opened first, for it is out of reach once the root was switched. It closes on exec.
const log = openSync('../runtime.log', 'a');
const failed = 127;

function tell(error: unknown): void {
  writeSync(log, `${JSON.stringify({ level: 'error', msg: (error as Error).message })}\n`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  tell(error);
  process.exitCode = failed;
});

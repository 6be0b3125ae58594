import { readFileSync } from 'node:fs';
import type { SandboxSpec } from './sandbox.ts';

/**
 * /etc/hosts for a command: with the host's network its lines, else a loopback's; then the name of the sandbox, so that
 * it resolves, and the names that the user gave.
 */
export function hostsFile(spec: Pick<SandboxSpec, 'network' | 'hostname' | 'extraHosts'>): string {
  const own = spec.network === 'host' ? readHost('/etc/hosts') : undefined;
  const lines = [(own ?? '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback').trimEnd()];
  lines.push(`127.0.0.1\t${spec.hostname}`);
  for (const [name, address] of spec.extraHosts) lines.push(`${address}\t${name}`);
  return `${lines.join('\n')}\n`;
}

/** /etc/resolv.conf for a command that shares the host's network. */
export function resolverFile(): string {
  return readHost('/etc/resolv.conf') ?? '';
}

function readHost(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

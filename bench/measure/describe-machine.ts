import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { runProgram, tryProgram } from '@onebuild/testkit';
import type { Machine } from './results.ts';

export async function describeMachine(top: string): Promise<Machine> {
  const processors = cpus();
  const system = /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'Linux';
  const [commit, changed] = await Promise.all([
    tryProgram(['git', '-C', top, 'rev-parse', '--short', 'HEAD']),
    tryProgram(['git', '-C', top, 'status', '--porcelain', '--', 'packages']),
  ]);
  const node = await runProgram([process.execPath, '--version']);
  return {
    cores: processors.length,
    cpu: processors[0]?.model ?? 'unknown',
    memory: totalmem(),
    kernel: release(),
    system,
    node: node.stdout.trim(),
    commit: `${commit.stdout.trim()}${changed.stdout === '' ? '' : ' with changes'}`,
  };
}

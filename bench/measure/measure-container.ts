import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '@onebuild/testkit';
import { medianOf } from './statistics.ts';

/** crun refuses machines that have both versions of control groups, unless it sees none; it needs none here. */
const withoutGroups =
  'mount -t tmpfs -o ro tmpfs /sys/fs/cgroup; exec crun --cgroup-manager=disabled run --bundle "$1" "$2"';

/**
 * Seconds of a container that does nothing in a ready folder, median of ten, with the quicker one of runc and crun. No
 * builder that isolates its steps is faster per step.
 */
export async function measureContainer(bundle: string): Promise<number> {
  mkdirSync(join(bundle, 'rootfs/bin'), { recursive: true });
  copyFileSync('/bin/busybox', join(bundle, 'rootfs/bin/busybox'));
  await runProgram(['runc', 'spec', '--bundle', bundle]);
  const file = join(bundle, 'config.json');
  const spec = JSON.parse(readFileSync(file, 'utf8')) as { process: Record<string, unknown> };
  const process = { ...spec.process, terminal: false, args: ['/bin/busybox', 'true'] };
  writeFileSync(file, JSON.stringify({ ...spec, process }));
  const runc = await timeTen((id) => ['runc', 'run', '--bundle', bundle, id]);
  const crun = await timeTen((id) => ['unshare', '--mount', 'sh', '-ec', withoutGroups, 'crun', bundle, id]);
  rmSync(bundle, { recursive: true });
  return Math.min(runc, crun);
}

async function timeTen(command: (id: string) => [string, ...string[]]): Promise<number> {
  const times: number[] = [];
  for (let at = 0; at < 10; at++) {
    const start = performance.now();
    await runProgram(command(`onebuild-bench-${at}`));
    times.push((performance.now() - start) / 1000);
  }
  return medianOf(times);
}

import { join } from 'node:path';
import { inputs } from '../inputs/prepare-inputs.ts';
import type { Bench } from './shape.ts';

const pushed = new Set<string>();

/** Pushes `base/NAME:1` out of a folder of the work folder, once per registry. All builders start from the same bytes. */
export async function pushBase(
  bench: Bench,
  name: string,
  { context, compression = 'gzip' }: { readonly context: string; readonly compression?: 'gzip' | 'zstd' },
): Promise<void> {
  if (pushed.has(name)) return;
  await bench.onebuild.build({ context: join(bench.work, context), name: `base/${name}:1`, compression });
  pushed.add(name);
}

export function pushBusybox(bench: Bench): Promise<void> {
  return pushBase(bench, 'busybox', { context: inputs.busybox });
}

/** What boxes stand on: three releases of Debian, and one with a compiler for those who build. */
export const debians = ['debian', 'trixie', 'sid'] as const;

export async function pushDebians(bench: Bench): Promise<void> {
  for (const name of [...debians, 'gcc'] as const) await pushBase(bench, name, { context: inputs[name] });
}

/** The two bases of the redis example, compressed as the example does. */
export async function pushRedisBases(bench: Bench): Promise<void> {
  await pushBase(bench, 'compiler', { context: join(inputs.redis, 'compiler'), compression: 'zstd' });
  await pushBase(bench, 'slim', { context: join(inputs.redis, 'slim') });
}

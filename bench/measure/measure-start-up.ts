import { join } from 'node:path';
import { type ProgramResult, runProgram } from '@onebuild/testkit';

/** Seconds of commands that only say their version; the first of each, which reads the disk, does not count. */
export async function measureStartUp(
  top: string,
  { peer, rounds }: { readonly peer?: () => Promise<ProgramResult>; readonly rounds: number },
): Promise<Record<string, number[]>> {
  console.log('bench: start-up');
  const ways: [string, () => Promise<ProgramResult>][] = [
    ['onebuild --version', () => runProgram([join(top, 'packages/cli/bin/onebuild'), '--version'])],
    ['node --version', () => runProgram([process.execPath, '--version'])],
    ['node -e 0', () => runProgram([process.execPath, '-e', '0'])],
    ...(peer ? [['docker buildx version', peer] as [string, () => Promise<ProgramResult>]] : []),
  ];
  const times: Record<string, number[]> = {};
  for (let round = 0; round <= rounds; round++) {
    for (const [name, run] of ways) {
      const start = performance.now();
      await run();
      if (round > 0) (times[name] ??= []).push((performance.now() - start) / 1000);
    }
  }
  return times;
}

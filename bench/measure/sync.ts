import { runProgram } from '@onebuild/testkit';

/** Waits until the disk has everything that was written so far. */
export async function sync(): Promise<void> {
  await runProgram(['sync']);
}

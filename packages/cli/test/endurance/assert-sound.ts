import assert from 'node:assert/strict';
import { mismatchesOf, mountsBelow, processesLeftOf, tempOf } from '../leftovers.ts';
import { type Ended, succeed } from '../start-command.ts';
import type { Project, World } from './world.ts';

/** A command that something happened to ends well, or with one error that is no defect of ours. */
export function assertInOrder({ code, stderr }: Ended): void {
  if (code === 0) return;
  const errors = stderr.split('\n').filter((line) => /^error [A-Z_]+: /.test(line));
  assert.equal(errors.length, 1, `one error: ${stderr}`);
  assert.doesNotMatch(stderr, /\n\s+at |INTERNAL/);
  assert.ok(code !== undefined && code < 70, `exit code ${code}: ${stderr}`);
}

/** Nothing of what was killed runs or is mounted. */
export async function assertNothingRuns(world: World, home: string): Promise<void> {
  assert.deepEqual(await processesLeftOf(home, world.mark), [], 'processes that are left');
  assert.deepEqual(mountsBelow(home), [], 'mounts that are left');
}

/** All that has to hold of a store once something was killed in it: first as it is, then after the next build. */
export async function assertSound(
  world: World,
  home: string,
  options: { readonly project: Project; readonly verify: boolean; readonly hit: string | undefined },
): Promise<void> {
  const { project, verify, hit = 'nothing' } = options;
  await assertNothingRuns(world, home);
  assert.equal(await world.build(home, project), project.imageId, `digest of the next build; ${hit} was hit`);
  assert.deepEqual(tempOf(home), [], 'temp folders after the next build');
  await assertNothingRuns(world, home);
  if (!verify) return;
  const { stdout } = await succeed(['store', 'verify'], { home });
  assert.match(stdout, /^\d+ items checked, 0 damaged$/m);
  assert.deepEqual(mismatchesOf(home), [], 'files and accounts');
}

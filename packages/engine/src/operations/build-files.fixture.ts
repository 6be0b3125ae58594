import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { build } from '@onebuild/engine';
import { temporaryFolder } from '@onebuild/testkit';
import { testBuildOptions } from '../../test/build-options.ts';
import type { BuildOptions } from '../build-options.ts';

/** Builds a Dockerfile over files that `fill` makes in a folder; the folder that comes back has the result's files. */
export async function buildFiles(
  t: TestContext,
  dockerfile: string,
  options: Partial<BuildOptions> & { fill?: (context: string) => void } = {},
): Promise<string> {
  const scratch = temporaryFolder(t);
  const { fill, ...more } = options;
  const context = join(scratch, 'context');
  mkdirSync(context);
  fill?.(context);
  const dest = join(scratch, 'files');
  const home = join(scratch, 'home');
  const all = testBuildOptions({
    home,
    context: { type: 'folder', path: context },
    dockerfile: { name: 'Dockerfile', text: dockerfile },
    outputs: [{ type: 'local', dest }],
    ...more,
  });
  try {
    await build(all);
  } finally {
    all.registry.close();
  }
  return dest;
}

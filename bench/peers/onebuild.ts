import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '@onebuild/testkit';
import type { Builder, BuilderPlace, BuildRequest } from './builder.ts';
import { cacheFlags } from './cache-flags.ts';

/** The command line of OneBuild in this checkout. */
export function onebuildCommand(
  place: BuilderPlace,
  { home, progress = 'plain' }: { readonly home: string; readonly progress?: 'plain' | 'json' },
  request: BuildRequest,
): [string, ...string[]] {
  const { context, name, args = {}, compression = 'gzip', push = true } = request;
  return [
    join(place.top, 'packages/cli/bin/onebuild'),
    'build',
    `--progress=${progress}`,
    `--home=${home}`,
    `--tag=${place.registry}/${name}`,
    ...(push ? ['-o', `type=registry,compression=${compression}`] : []),
    ...Object.entries(args).map(([key, value]) => `--build-arg=${key}=${value}`),
    ...cacheFlags(place, request),
    context,
  ];
}

/** All boxes of the bake file in the working folder. */
export function onebuildBoxesCommand(place: BuilderPlace, home: string): [string, ...string[]] {
  return [
    join(place.top, 'packages/cli/bin/onebuild'),
    'build',
    '--progress=plain',
    `--home=${home}`,
    '--push',
  ];
}

export function createOneBuild(place: BuilderPlace): Builder {
  const { version } = JSON.parse(readFileSync(join(place.top, 'packages/cli/package.json'), 'utf8')) as {
    version: string;
  };
  let home = 0;
  return {
    name: 'onebuild',
    title: `OneBuild ${version}`,
    async build(request) {
      await runProgram(onebuildCommand(place, { home: join(place.run, `onebuild-${home}`) }, request));
    },
    async buildBoxes({ context, variables }) {
      const store = join(place.run, `onebuild-${home}`);
      await runProgram(onebuildBoxesCommand(place, store), {
        cwd: context,
        env: { ...process.env, ...variables },
      });
    },
    async forget() {
      home++;
    },
  };
}

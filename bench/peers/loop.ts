import type { Builder, BuilderPlace, BuildRequest } from './builder.ts';
import type { EngineRoot } from './engine-root.ts';

/** What a shell script does that builds one box after the other: `docker build --no-cache --push` for each. */
export function createLoop(place: BuilderPlace, engine: EngineRoot, { title }: Builder): Builder {
  return {
    name: 'loop',
    title: `${title}, one \`docker build --no-cache --push\` after the other`,
    build,
    async buildBoxes({ boxes }) {
      for (const box of boxes) await build(box);
    },
    forget: () => engine.renew(),
  };

  async function build({ context, name, args = {} }: BuildRequest): Promise<void> {
    await engine.run([
      'docker',
      'build',
      '--progress=plain',
      '--provenance=false',
      '--no-cache',
      '--push',
      `--tag=${place.registry}/${name}`,
      ...Object.entries(args).map(([key, value]) => `--build-arg=${key}=${value}`),
      context,
    ]);
  }
}

import type { Builder, BuilderPlace, BuildRequest } from './builder.ts';
import type { EngineRoot } from './engine-root.ts';

/** `buildah build --layers`, then `buildah push`: it has no single command for both. */
export async function createBuildah(place: BuilderPlace, engine: EngineRoot): Promise<Builder> {
  const version = /(\d+\.\d+\.\d+)/.exec((await engine.run(['buildah', '--version'])).stdout)?.[1] ?? '?';
  return {
    name: 'buildah',
    title: `Buildah ${version}`,
    build,
    async buildBoxes({ boxes }) {
      for (const box of boxes) await build(box);
    },
    forget: () => engine.renew(),
  };

  async function build({ context, name, args = {}, compression = 'gzip', push = true }: BuildRequest) {
    const image = `${place.registry}/${name}`;
    await engine.run([
      'buildah',
      'build',
      '--layers',
      '--tls-verify=false',
      '--network=host',
      '--ulimit=nofile=1024:1024',
      '--ulimit=nproc=4096:4096',
      `--tag=${image}`,
      ...Object.entries(args).map(([key, value]) => `--build-arg=${key}=${value}`),
      context,
    ]);
    if (!push) return;
    await engine.run([
      'buildah',
      'push',
      '--quiet',
      '--tls-verify=false',
      `--compression-format=${compression}`,
      image,
    ]);
  }
}

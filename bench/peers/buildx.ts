import type { Builder, BuilderPlace, BuildRequest } from './builder.ts';
import { cacheFlags } from './cache-flags.ts';
import type { EngineRoot } from './engine-root.ts';

/** `docker buildx build` on the engine's own BuildKit; `network` is that of its RUN steps. */
export async function createBuildx(
  place: BuilderPlace,
  engine: EngineRoot,
  network: 'default' | 'host' = 'default',
): Promise<Builder> {
  const version = await engine.run(['docker', 'version', '--format', '{{.Server.Version}}']);
  const buildx =
    /v?(\d+\.\d+\.\d+)/.exec((await engine.run(['docker', 'buildx', 'version'])).stdout)?.[1] ?? '?';
  return {
    name: network === 'host' ? 'buildx-host' : 'buildx',
    title: `Docker Engine ${version.stdout.trim()}, buildx ${buildx}`,
    async build(request) {
      const { context, name, args = {}, push = true } = request;
      await engine.run([
        'docker',
        'buildx',
        'build',
        '--progress=plain',
        '--provenance=false',
        ...(network === 'host' ? ['--network=host'] : []),
        ...(push ? pushFlags(request, `${place.registry}/${name}`) : [`--tag=${place.registry}/${name}`]),
        ...Object.entries(args).map(([key, value]) => `--build-arg=${key}=${value}`),
        ...cacheFlags(place, request),
        context,
      ]);
    },
    async buildBoxes({ context, variables }) {
      const settings = Object.entries(variables).map(([key, value]) => `${key}=${value}`);
      const bake = ['docker', 'buildx', 'bake', '--progress=plain', '--provenance=false', '--push'];
      await engine.run(['env', `--chdir=${context}`, ...settings, ...bake]);
    },
    forget: () => engine.renew(),
  };
}

function pushFlags({ compression = 'gzip', pushOnly = false }: BuildRequest, image: string): string[] {
  // As a builder in a container would do it, which has no store of images; the engine's own unpacks what it pushes.
  if (pushOnly) return [`--output=type=image,name=${image},push=true,unpack=false,store=false`];
  return [
    `--tag=${image}`,
    compression === 'gzip' ? '--push' : `--output=type=registry,compression=${compression}`,
  ];
}

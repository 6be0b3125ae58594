import type { BuilderPlace, BuildRequest } from './builder.ts';

/** OneBuild and buildx spell them alike. */
export function cacheFlags(
  { registry }: Pick<BuilderPlace, 'registry'>,
  { cacheFrom, cacheTo, cacheMounts = false }: Pick<BuildRequest, 'cacheFrom' | 'cacheTo' | 'cacheMounts'>,
): string[] {
  return [
    ...(cacheFrom === undefined ? [] : [`--cache-from=type=registry,ref=${registry}/${cacheFrom}`]),
    ...(cacheTo === undefined
      ? []
      : [`--cache-to=type=registry,ref=${registry}/${cacheTo},mode=max${cacheMounts ? ',mounts=true' : ''}`]),
  ];
}

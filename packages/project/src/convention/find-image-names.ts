import { isFault } from '@onebuild/core';
import { type Dockerfile, parseDockerfile } from '@onebuild/dockerfile';
import type { TextFile } from '../text-file.ts';

/**
 * Names in FROM, `COPY --from=` and `from=` of mounts that are not stages of the Dockerfile itself: images, named contexts, other
 * variants. Names with variables in them are left out, and a Dockerfile that cannot be parsed has none: the build says why.
 */
export function findImageNames(file: TextFile): readonly string[] {
  const dockerfile = parseQuietly(file);
  if (dockerfile === undefined) return [];
  const names = new Set<string>();
  const stages = new Set<string>();
  const add = (name: string | undefined): void => {
    if (name === undefined || /[$]/.test(name) || /^\d*$/.test(name) || name === 'scratch') return;
    if (!stages.has(name.toLowerCase())) names.add(name);
  };
  for (const stage of dockerfile.stages) {
    add(stage.base);
    for (const instruction of stage.instructions) {
      if (instruction.kind === 'COPY') add(instruction.from);
      if (instruction.kind !== 'RUN') continue;
      for (const mount of instruction.mounts) if ('from' in mount) add(mount.from);
    }
    if (stage.name !== undefined) stages.add(stage.name.toLowerCase());
  }
  return [...names];
}

function parseQuietly({ name, text }: TextFile): Dockerfile | undefined {
  try {
    return parseDockerfile(text, { name });
  } catch (error) {
    if (!isFault(error)) throw error;
    return undefined;
  }
}

import { suggest } from '@onebuild/core';
import { parseReference, type Reference } from '@onebuild/oci';

/** A target that may have been meant where a Dockerfile names an image. */
export interface KnownTarget {
  readonly name: string;
  readonly tags: readonly Reference[];
}

/**
 * The target whose image has nearly this name, or whose name has a word of it: `jdos-restore-helper:latest` and `helper.standard`. For a hint
 * only.
 */
export function similarTarget(image: string, targets: readonly KnownTarget[]): string | undefined {
  const last = lastPart(image);
  if (last === undefined) return undefined;
  const names = new Map<string, string>();
  for (const { name, tags } of targets) {
    for (const word of [name, ...tags.map(({ repository }) => repository.split('/').at(-1) ?? '')])
      if (word !== '' && !names.has(word)) names.set(word, name);
  }
  const close = suggest(last, names.keys());
  if (close !== undefined) return names.get(close);
  const words = new Set(last.split(/[-_.]/).filter((word) => word.length > 2));
  return targets.find(({ name }) => name.split(/[-_.]/).some((word) => words.has(word)))?.name;
}

/** `helper` of `registry.example.com/ops/helper:1`. */
function lastPart(image: string): string | undefined {
  try {
    return parseReference(image).repository.split('/').at(-1);
  } catch {
    return undefined;
  }
}

export function bindHint(image: string, target: string): string {
  return `If the target ${target} was meant, bind the name to it: \`--bind ${image}=${target}\`, or \`bind:\` in the project file.`;
}

import { suggest } from '@onebuild/core';
import { parseReference, type Reference } from '@onebuild/oci';

/** A target that may have been meant where a Dockerfile names an image. */
export interface KnownTarget {
  readonly name: string;
  readonly tags: readonly Reference[];
}

/**
 * The target whose image has nearly this name, or whose name has a word of it: `jdos-restore-helper:latest` and `helper.standard`; for a name that
 * may be of this machine alone (no registry, no folder, no tag but `latest`) else the first one. For a hint only.
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
  const similar = targets.find(({ name }) => name.split(/[-_.@]/).some((word) => words.has(word)));
  return (similar ?? (/^[^/:@]+(:latest)?$/.test(image) ? targets[0] : undefined))?.name;
}

/** `helper` of `registry.example.com/ops/helper:1`. */
function lastPart(image: string): string | undefined {
  try {
    return parseReference(image).repository.split('/').at(-1);
  } catch {
    return undefined;
  }
}

/** To be put behind the hint of the failed look-up: that may be the whole truth. */
export function bindHint(image: string, target: string): string {
  const name = target.replace(/@.*$/, '');
  return `If ${name} of this build was meant, bind the name to it: --bind ${image}=${name}, or \`bind:\` in the project file.`;
}

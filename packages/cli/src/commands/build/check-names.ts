import { fault } from '@onebuild/core';
import type { TargetOptions } from '@onebuild/engine';
import { formatReference } from '@onebuild/oci';

/**
 * Whether each target has names and files of its own: one of two images with the same name would be lost.
 * @throws PROJECT_INVALID
 */
export function checkNames(targets: readonly Pick<TargetOptions, 'name' | 'tags' | 'outputs'>[]): void {
  const owners = new Map<string, string>();
  const take = (what: string, owner: string, hint: string): void => {
    const other = owners.get(what);
    owners.set(what, owner);
    if (other === undefined || other === owner) return;
    throw fault('PROJECT_INVALID', `${other} and ${owner} both have ${what}`, { hint });
  };
  for (const { name, tags, outputs } of targets) {
    const pushed = outputs.flatMap((output) => (output.type === 'push' ? output.names : []));
    for (const tag of [...tags, ...pushed])
      take(
        `the name ${formatReference(tag)}`,
        name,
        'Put ${variant} or ${target} into the name, or build one of them.',
      );
    for (const output of outputs) {
      if (output.type !== 'oci' && output.type !== 'docker' && output.type !== 'tar') continue;
      const place =
        'path' in output.dest ? `the output ${output.dest.path}` : 'standard output for their archive';
      take(place, name, 'Put ${target} into dest=, or build one of them.');
    }
  }
}

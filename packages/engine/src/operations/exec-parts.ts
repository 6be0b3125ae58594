import type { Node, StepContext } from '../graph/node.ts';
import type { Snapshot } from '../stack/layer.ts';
import { cleanPath } from '../tree/path.ts';
import { execParameters } from './exec-key.ts';
import type { ExecSpec } from './exec-spec.ts';
import { changedUnder, partsBelow, partsOfSource, type StepPart, shortDigest } from './step-record.ts';

/** What a RUN hangs on, what a user would name first in front. */
export async function execParts(
  spec: ExecSpec,
  { root, below }: { readonly root: Node<Snapshot>; readonly below: Snapshot },
  context: StepContext,
): Promise<readonly StepPart[]> {
  const mounts: StepPart[] = [];
  for (const mount of spec.mounts) {
    if (mount.type === 'bind')
      mounts.push(...(await partsOfSource(mount.from, cleanPath(mount.source), context)));
  }
  return [
    ['command', shortDigest([spec.args, spec.script])],
    ...partsBelow(root, below),
    ...mounts,
    ...spec.env.map((line): StepPart => {
      const equals = line.indexOf('=');
      return [`variable ${line.slice(0, equals)}`, shortDigest(line)];
    }),
    ['a setting of the step', shortDigest(execParameters(spec))],
  ];
}

/** For what a mount takes from a stage. */
export function explainMount(spec: ExecSpec, what: string): string | undefined {
  const mount = spec.mounts.find((one) => one.type === 'bind' && one.from.name === what);
  return mount?.type === 'bind' && mount.from.type === 'snapshot' ? changedUnder(mount.from.node) : undefined;
}

import type { Node, StepContext } from '../graph/node.ts';
import type { Snapshot } from '../stack/layer.ts';
import { resolvePath } from '../tree/resolve-path.ts';
import type { CopySpec } from './copy-operation.ts';
import { findSources } from './copy-sources.ts';
import type { ExplainPart } from './step-difference.ts';
import { belowPart, partsBelow, partsOfSource, type StepPart, shortDigest } from './step-parts.ts';
import { changedUnder } from './step-record.ts';

/** What a COPY or ADD hangs on, what a user would name first in front. */
export async function copyParts(
  spec: CopySpec,
  { onto, below }: { readonly onto: Node<Snapshot>; readonly below: Snapshot },
  context: StepContext,
): Promise<readonly StepPart[]> {
  const { sources, dest, chown, chmod, exclude, link } = spec;
  const paths = sources.map(({ path, unpack, parents }) => [path, unpack, parents]);
  const parts: StepPart[] = [
    ['what its variables stand for', shortDigest([paths, dest, chown, chmod, exclude, link])],
  ];
  const times = spec.mtime === undefined;
  for (const { from, path } of sources) {
    if (from.type === 'snapshot') {
      parts.push(...(await partsOfSource(from, path, { context })));
      continue;
    }
    const tree = context.result(from.node);
    const location = { file: '', line: 0 };
    for (const match of findSources(tree, path, { location, where: from.name })) {
      const real = resolvePath(tree, match, { followLast: true });
      parts.push(...(await partsOfSource(from, real, { context, times })));
    }
  }
  return [
    ...parts,
    ...(link ? [] : partsBelow(onto, below)),
    ['the time that its files get', shortDigest([spec.mtime, spec.folderTime])],
  ];
}

/** For what comes from another stage, or lies below. */
export function explainCopy(spec: CopySpec, onto: Node<Snapshot>, context: StepContext): ExplainPart {
  return (what, before) => {
    if (what === belowPart) return changedUnder(onto, before, context);
    for (const { from } of spec.sources) {
      if (from.type === 'snapshot' && from.name === what) return changedUnder(from.node, before, context);
    }
    return undefined;
  };
}

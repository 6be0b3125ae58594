import type { Node, StepContext } from '../graph/node.ts';
import type { Snapshot } from '../stack/layer.ts';
import { resolvePath } from '../tree/resolve-path.ts';
import type { CopySpec } from './copy-operation.ts';
import { findSources } from './copy-sources.ts';
import { changedUnder, partsBelow, partsOfSource, type StepPart, shortDigest } from './step-record.ts';

/** What a COPY or ADD hangs on, what a user would name first in front. */
export async function copyParts(
  spec: CopySpec,
  { onto, below }: { readonly onto: Node<Snapshot>; readonly below: Snapshot },
  context: StepContext,
): Promise<readonly StepPart[]> {
  const { sources, dest, chown, chmod, exclude, link } = spec;
  const paths = sources.map(({ path, unpack, parents }) => [path, unpack, parents]);
  const parts: StepPart[] = [['command', shortDigest([paths, dest, chown, chmod, exclude, link])]];
  for (const { from, path } of sources) {
    if (from.type === 'snapshot') {
      parts.push(...(await partsOfSource(from, path, context)));
      continue;
    }
    const tree = context.result(from.node);
    const location = { file: '', line: 0 };
    for (const match of findSources(tree, path, { location, where: from.name }))
      parts.push(...(await partsOfSource(from, resolvePath(tree, match, { followLast: true }), context)));
  }
  return link ? parts : [...parts, ...partsBelow(onto, below)];
}

/** For what comes from another stage, or lies below. */
export function explainCopy(spec: CopySpec, onto: Node<Snapshot>, what: string): string | undefined {
  if (what === 'what is below') return changedUnder(onto);
  const source = spec.sources.find(({ from }) => from.type === 'snapshot' && from.name === what);
  return source === undefined ? undefined : changedUnder(source.from.node);
}

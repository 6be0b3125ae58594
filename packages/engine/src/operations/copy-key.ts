import { isFault } from '@onebuild/core';
import { digestOf } from '@onebuild/oci';
import { canonicalText } from '../graph/canonical-text.ts';
import type { StepContext } from '../graph/node.ts';
import type { Snapshot } from '../stack/layer.ts';
import { resolvePath } from '../tree/resolve-path.ts';
import { treeDigest } from '../tree/tree-digest.ts';
import type { CopySource, CopySpec } from './copy-operation.ts';
import { findSources, type SourceRules } from './copy-sources.ts';

/** Bumped when the same words make other layers. */
const version = 1;

/**
 * The content key of COPY and ADD: the words and everything they look at, without working out the layer. undefined where that is not known
 * beforehand, or where something is wrong: who does the work says what.
 */
export async function copyKey(
  spec: CopySpec,
  below: Snapshot,
  services: KeyServices,
): Promise<string | undefined> {
  try {
    return await findCopyKey(spec, below, services);
  } catch (error) {
    if (isFault(error, 'CANCELED')) throw error;
    return undefined;
  }
}

type KeyServices = Pick<SourceRules, 'location'> & { readonly context: StepContext };

/**
 * As {@link copyKey}, and says what is wrong.
 * @throws SOURCE_NOT_FOUND, CONTEXT_READ, CONTEXT_CHANGED
 */
export async function findCopyKey(
  spec: CopySpec,
  below: Snapshot,
  { context, ...rules }: KeyServices,
): Promise<string | undefined> {
  const { sources, ...words } = spec;
  const canTell = spec.exclude.length === 0 && !sources.some(({ parents }) => parents === true);
  if (!canTell) return undefined;
  const root = spec.link ? [] : layerIds(below);
  const seen: unknown[] = [];
  for (const source of sources) seen.push(await sourceKey(source, { ...rules, context, spec }));
  return digestOf(canonicalText([version, words, root, seen]));
}

async function sourceKey(
  { from, path, unpack, taken }: CopySource,
  { context, location, spec }: Pick<SourceRules, 'location'> & { context: StepContext; spec: CopySpec },
): Promise<unknown> {
  if (from.type === 'snapshot') return [path, unpack, layerIds(context.result(from.node))];
  const tree = context.result(from.node);
  const matches = findSources(tree, path, { location, where: from.name, ...(taken && { taken }) });
  const { signal } = context;
  const contents: unknown[] = [];
  for (const match of matches) {
    const real = resolvePath(tree, match, { followLast: true });
    contents.push([match, await treeDigest(tree, real, { signal, times: spec.mtime === undefined })]);
  }
  return [path, unpack, contents];
}

function layerIds(snapshot: Snapshot): readonly string[] {
  return snapshot.layers.map(({ id }) => id);
}

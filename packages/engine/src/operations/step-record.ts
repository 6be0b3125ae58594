import { digestOf } from '@onebuild/oci';
import { canonicalText } from '../graph/canonical-text.ts';
import type { Node, StepContext, StepLabel } from '../graph/node.ts';
import type { Snapshot } from '../stack/layer.ts';
import type { FileTree, TreeEntry } from '../tree/file-tree.ts';
import { joinPath } from '../tree/path.ts';
import type { FileSource } from './file-source.ts';
import { baseOf } from './image-operation.ts';
import type { OperationServices } from './operation-services.ts';

/** One thing that a step's result hangs on: `command`, `variable CGO_ENABLED`, `file pkg/api/types.go`; with a digest of it. */
export type StepPart = readonly [what: string, digest: string];

/** What a step looks at now: its content key, and its parts in the order in which they are worth naming. */
export interface StepSight {
  readonly key: string;
  /** Worked out only where the key is another one than last time. */
  parts(): Promise<readonly StepPart[]>;
  /** In words, why a part that stands for other steps changed. */
  explain?(what: string): string | undefined;
}

interface StepRecord {
  readonly key: string;
  readonly parts: readonly StepPart[];
}

const kind = 'step';
/** More files than these are recorded as one part. */
const mostFiles = 3000;

/** Why steps of this build see something else than last time. */
const reasons = new WeakMap<Node<unknown>, string>();

/**
 * Remembers what the step at this place of its Dockerfile looks at.
 * @returns in words, what is different from the last build here; undefined: nothing
 */
export async function recordStep(
  services: OperationServices,
  node: Node<unknown>,
  sight: StepSight,
): Promise<string | undefined> {
  const seen = await look(services, node, sight);
  if (seen === undefined) return undefined;
  const record: StepRecord = { key: sight.key, parts: seen.parts };
  services.store.db.setFact(kind, seen.place, JSON.stringify(record));
  return seen.why;
}

/** As {@link recordStep}, and leaves the record as it is. */
export async function compareStep(
  services: OperationServices,
  node: Node<unknown>,
  sight: StepSight,
): Promise<string | undefined> {
  return (await look(services, node, sight))?.why;
}

async function look(
  { store }: OperationServices,
  node: Node<unknown>,
  sight: StepSight,
): Promise<
  { readonly place: string; readonly parts: readonly StepPart[]; readonly why: string } | undefined
> {
  const place = placeOf(node.label);
  if (place === undefined) return undefined;
  const text = store.db.fact(kind, place);
  const last = text === undefined ? undefined : (JSON.parse(text) as StepRecord);
  if (last?.key === sight.key) return undefined;
  const parts = await sight.parts();
  const why = last === undefined ? 'never built here' : firstDifference(last.parts, parts, sight.explain);
  reasons.set(node, why);
  return { place, parts, why };
}

/** Where a step stands, however it is worded. */
function placeOf({ origin, target, stage, position, platform }: StepLabel): string | undefined {
  if (origin === undefined || position === undefined) return undefined;
  return digestOf(canonicalText([origin, target, stage, position[0], platform]));
}

function firstDifference(
  last: readonly StepPart[],
  now: readonly StepPart[],
  explain: StepSight['explain'],
): string {
  const before = new Map(last);
  for (const [what, digest] of now) {
    const old = before.get(what);
    before.delete(what);
    if (old === digest) continue;
    if (what === 'base') return `base moved from ${short(old)} to ${short(digest)}`;
    return explain?.(what) ?? (old === undefined ? `${what} is new` : `${what} changed`);
  }
  const [gone] = before.keys();
  return gone === undefined ? 'the rules of this version changed' : `${gone} is gone`;
}

function short(digest: string | undefined): string {
  return digest === undefined || digest === '' ? 'none' : digest.slice(0, 19);
}

/** The step nearest to the base that sees something else than last time, and what. */
export function changedUnder(top: Node<unknown>): string | undefined {
  let found: string | undefined;
  for (let node: Node<unknown> | undefined = top; node !== undefined; node = node.inputs[0]) {
    const why = reasons.get(node);
    if (why !== undefined) found = `${node.label.name.split('\n', 1)[0]?.slice(0, 100)}: ${why}`;
  }
  return found;
}

/** The base's digest and the files under a step. */
export function partsBelow(root: Node<Snapshot>, below: Snapshot): readonly StepPart[] {
  const layers = below.layers.map(({ id }) => id);
  return [
    ['base', baseOf(root) ?? ''],
    ['what is below', shortDigest(layers)],
  ];
}

/** What a source is made of: its files by name, where it is a context. */
export async function partsOfSource(
  from: FileSource,
  path: string,
  context: StepContext,
): Promise<readonly StepPart[]> {
  if (from.type === 'snapshot') {
    return [[from.name, shortDigest(context.result(from.node).layers.map(({ id }) => id))]];
  }
  return filesOf(context.result(from.node), path, context.signal);
}

async function filesOf(tree: FileTree, path: string, signal: AbortSignal): Promise<readonly StepPart[]> {
  const found: (readonly [path: string, entry: TreeEntry])[] = [];
  const open = [path];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const entry = tree.get(at);
    if (entry === undefined) continue;
    found.push([at, entry]);
    if (found.length > mostFiles) return [];
    if (entry.type === 'dir') for (const name of tree.list(at)) open.push(joinPath(at, name));
  }
  const files = found.filter(([, entry]) => entry.type === 'file').map(([at]) => at);
  const digests = await tree.digests(files, signal);
  const contents = new Map(files.map((at, index) => [at, digests[index]]));
  return found
    .map(([at, entry]): StepPart => {
      const { type, mode, uid, gid, link } = entry;
      const what = type === 'dir' ? 'folder' : 'file';
      return [`${what} ${at === '' ? '.' : at}`, shortDigest([type, mode, uid, gid, link, contents.get(at)])];
    })
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Enough to tell two states of one thing apart. */
export function shortDigest(value: unknown): string {
  return digestOf(canonicalText(value ?? null)).slice(7, 23);
}

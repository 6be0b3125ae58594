import { fault, isFault, type SourceLocation, toFault, withLocation } from '@onebuild/core';
import { parseChown, parseMode } from '@onebuild/dockerfile';
import { digestOf } from '@onebuild/oci';
import { canonicalText } from '../graph/canonical-text.ts';
import type { Node, StepContext, StepLabel } from '../graph/node.ts';
import { emptyLayer } from '../layer/empty-layer.ts';
import { emptySnapshot, type Layer, type Snapshot } from '../stack/layer.ts';
import { snapshotTree } from '../stack/snapshot-tree.ts';
import { emptyTree } from '../tree/empty-tree.ts';
import type { FileTree } from '../tree/file-tree.ts';
import { type Owner, TreeEditor } from '../tree/tree-editor.ts';
import { copyFiles } from './copy-files.ts';
import { copyKey, findCopyKey } from './copy-key.ts';
import { copyParts, explainCopy } from './copy-parts.ts';
import { findSources } from './copy-sources.ts';
import type { CopyRules } from './copy-walk.ts';
import { type FileSource, sourceTree } from './file-source.ts';
import { finishLayer } from './finish-layer.ts';
import type { OperationServices } from './operation-services.ts';
import { isRemembered, rememberedLayer } from './remembered-layer.ts';
import { resolveOwner } from './resolve-user.ts';
import { compareStep, isFirstBuild, type StepSight } from './step-record.ts';
import { findArchives, unpackArchive } from './unpack-archive.ts';

/** COPY or ADD, expanded. */
export interface CopySpec {
  readonly sources: readonly CopySource[];
  /** Absolute; a slash at its end matters. */
  readonly dest: string;
  readonly chown: string | undefined;
  readonly chmod: string | undefined;
  readonly exclude: readonly string[];
  /** Make the layer without looking at what is below. */
  readonly link: boolean;
  /** Seconds for all new files; undefined: as in the source. */
  readonly mtime: number | undefined;
  /** For folders made on the way. */
  readonly folderTime: number;
}

export interface CopySource {
  readonly from: FileSource;
  readonly path: string;
  /** ADD: an archive is unpacked. */
  readonly unpack: boolean;
  /** COPY --parents */
  readonly parents?: boolean;
  /** For sources in the build context: see `SourceRules`. Complete when the operation runs. */
  readonly taken?: ReadonlySet<string>;
}

/** A layer of files from elsewhere. Reads listings and digests only; bytes move when somebody needs them. */
export function copyNode(
  services: OperationServices,
  job: { readonly onto: Node<Snapshot>; readonly spec: CopySpec; readonly location: SourceLocation },
  label: StepLabel,
): Node<Snapshot> {
  const { onto, spec } = job;
  const sources = spec.sources.map(({ path, unpack, parents = false }) => [path, unpack, parents]);
  const sight = (key: string, context: StepContext): StepSight => ({
    key,
    parts: () => copyParts(spec, { onto, below: context.result(onto) }, context),
    explain: explainCopy(spec, onto, context),
  });
  const node: Node<Snapshot> = services.graph.node({
    kind: 'copy',
    parameters: { ...spec, sources },
    inputs: [onto, ...spec.sources.map((source) => source.from.node)],
    label,
    async foresee(context) {
      let key: string | undefined;
      try {
        key = await findCopyKey(spec, context.result(onto), { location: job.location, context });
      } catch (error) {
        if (isFault(error, 'CANCELED')) throw error;
        return `it will fail: ${toFault(error).message}`;
      }
      if (key === undefined) return 'it is worked out each time';
      if (await isRemembered(services, key)) return undefined;
      const { why, isFirst } = await compareStep(services, node, sight(key, context));
      return why ?? (isFirst ? 'never built here' : 'it has to be worked out again');
    },
    async run(context) {
      const { signal } = context;
      const below = context.result(onto);
      const key = await copyKey(spec, below, { location: job.location, context });
      const change = key === undefined ? undefined : await compareStep(services, node, sight(key, context));
      if (change?.why !== undefined) context.finished({ why: change.why });
      const work = async () => {
        const editor = new TreeEditor(await treeBelow(spec, below), spec.folderTime);
        const { rules, unknown } = await copyRules(services, { ...job, below });
        for (const source of spec.sources)
          await copySource(services, { editor, source, spec, rules }, context);
        const made = await finishLayer(services, editor, { signal, operation: node.key });
        return { layer: await unlessEmpty(made), mayRemember: !unknown };
      };
      const steps = spec.sources.flatMap(({ from }) => (from.type === 'snapshot' ? [from.node] : []));
      const sees = [below, ...steps.map((step) => context.result(step))];
      const remembered = { node, key, fromSteps: steps.length > 0, sees, work };
      const { layer, from } = await rememberedLayer(services, remembered);
      const id = layer?.id ?? emptyLayer;
      if (from !== undefined) context.finished({ status: 'cached', note: `from ${from}` });
      else if (services.store.db.fact('layer', id) !== undefined) context.finished({ status: 'cached' });
      else {
        services.store.db.setFact('layer', id, '');
        if (change === undefined && !isFirstBuild(services, label))
          context.finished({ why: 'what it copies was not copied so before' });
      }
      await change?.keep();
      return layer === undefined ? below : { layers: [...below.layers, layer] };
    },
  });
  return node;
}

async function unlessEmpty(layer: Layer): Promise<Layer | undefined> {
  return (await layer.load()).index.entries.length === 0 ? undefined : layer;
}

/** With --link the destination is an empty file system, so no base is read. */
function treeBelow(spec: CopySpec, below: Snapshot): Promise<FileTree> {
  return spec.link ? Promise.resolve(emptyTree) : snapshotTree(below);
}

async function copyRules(
  services: OperationServices,
  job: { readonly spec: CopySpec; readonly below: Snapshot; readonly location: SourceLocation },
): Promise<{ readonly rules: SourceJob['rules']; readonly unknown: boolean }> {
  const { spec, location } = job;
  const { chmod } = spec;
  const found = spec.chown === undefined ? undefined : await owner(services, spec.chown, job);
  const rules = {
    owner: found && { uid: found.uid, gid: found.gid },
    mode: chmod === undefined ? undefined : parseMode(chmod),
    folderMode: chmod !== undefined && /^[0-7]+$/.test(chmod) ? Number.parseInt(chmod, 8) : 0o755,
    exclude: spec.exclude,
    mtime: spec.mtime,
    location,
  };
  return { rules, unknown: found?.unknown === true };
}

/** `unknown`: a name was not found, and the user was told. */
async function owner(
  services: OperationServices,
  chown: string,
  job: {
    readonly below: Snapshot;
    readonly location: SourceLocation;
    readonly spec?: { readonly link: boolean };
  },
): Promise<Owner & { readonly unknown: boolean }> {
  const { user, group } = parseChown(chown);
  const names = [user, group ?? ''].filter((part) => !/^(?:\+?\d*|root)$/.test(part));
  if (names.length > 0 && (job.below.layers.length === 0 || job.spec?.link === true)) {
    throw fault('STEP_USER_NOT_FOUND', `there are no files to look ${JSON.stringify(names[0])} up in`, {
      location: job.location,
      hint: `Write numbers for user and group${job.spec?.link === true ? ', or leave --link out, which looks at no file below' : ''}.`,
    });
  }
  const tree = names.length === 0 ? emptyTree : await snapshotTree(job.below);
  const found = await resolveOwner(tree, user, group);
  for (const name of found.unknown) {
    services.emit({
      type: 'warning',
      rule: 'ChownUnknownName',
      message: `${chown}: the image has no ${name === user ? 'user' : 'group'} ${JSON.stringify(name)}; ${name === user ? 'root owns the files' : "the user's own group is taken"}`,
      location: job.location,
    });
  }
  return { uid: found.uid, gid: found.gid, unknown: found.unknown.length > 0 };
}

interface SourceJob {
  readonly editor: TreeEditor;
  readonly source: CopySource;
  readonly spec: CopySpec;
  readonly rules: Omit<CopyRules, 'where' | 'parents' | 'taken'>;
}

async function copySource(services: OperationServices, job: SourceJob, context: StepContext): Promise<void> {
  const { editor, source, spec } = job;
  const tree = await sourceTree(source.from, context);
  const { parents = false, taken } = source;
  const rules: CopyRules = { ...job.rules, parents, where: source.from.name, ...(taken && { taken }) };
  const { dest } = spec;
  if (!source.unpack) {
    copyFiles(editor, tree, { source: source.path, dest, rules });
    return;
  }
  const matches = rules.parents ? [] : findSources(tree, source.path, rules);
  const archives = await findArchives(services, { tree, matches }, context.signal);
  const unpack = (path: string): boolean => {
    const archive = archives.get(path);
    if (archive === undefined) return false;
    try {
      unpackArchive(editor, archive, { dest, rules });
    } catch (error) {
      if (isFault(error, 'SOURCE_NOT_FOUND')) throw withLocation(error, rules.location);
      throw fault('TAR_INVALID', `/${path}: ${(error as Error).message}`, { location: rules.location });
    }
    return true;
  };
  copyFiles(editor, tree, { source: source.path, dest, rules, unpack });
}

/** WORKDIR: the folder is there afterwards; one that has to be made belongs to the USER in force. */
export function folderNode(
  services: OperationServices,
  job: {
    readonly onto: Node<Snapshot>;
    readonly path: string;
    readonly user: string;
    readonly mtime: number;
    readonly location: SourceLocation;
  },
  label: StepLabel,
): Node<Snapshot> {
  const { onto, path, user, mtime } = job;
  const keyOf = ({ layers }: Snapshot): string =>
    digestOf(canonicalText(['folder', path, user, mtime, layers.map(({ id }) => id)]));
  const node: Node<Snapshot> = services.graph.node({
    kind: 'folder',
    parameters: { path, user, mtime },
    inputs: [onto],
    label,
    foresee: async (context) =>
      (await isRemembered(services, keyOf(context.result(onto))))
        ? undefined
        : 'the folder is not known to be there',
    async run(context) {
      const below = context.result(onto);
      const { location } = job;
      const key = keyOf(below);
      const work = async () => {
        const editor = new TreeEditor(await snapshotTree(below), mtime);
        const root = { uid: 0, gid: 0, unknown: false };
        const who = user === '' ? root : await owner(services, user, { below, location });
        editor.makeFolders(path, { uid: who.uid, gid: who.gid, mode: 0o755 });
        const made = await finishLayer(services, editor, { signal: context.signal });
        return { layer: await unlessEmpty(made), mayRemember: !who.unknown };
      };
      const { layer } = await rememberedLayer(services, { node, key, fromSteps: false, sees: [below], work });
      context.finished({ status: 'cached' });
      return layer === undefined ? below : { layers: [...below.layers, layer] };
    },
  });
  return node;
}

/** A file system with nothing in it. */
export function scratchNode(services: OperationServices): Node<Snapshot> {
  return services.graph.node({
    kind: 'scratch',
    parameters: null,
    inputs: [],
    label: { name: 'FROM scratch', quiet: true },
    run: async () => emptySnapshot,
  });
}

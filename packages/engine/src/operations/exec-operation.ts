import { randomUUID } from 'node:crypto';
import { chmod, chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digest } from '@onebuild/core';
import { allEnded } from '../graph/all-ended.ts';
import type { Node, StepContext, StepLabel } from '../graph/node.ts';
import { emptyLayer } from '../layer/empty-layer.ts';
import { assertPlatformRuns } from '../probe/run-platform.ts';
import { diffUpper } from '../snapshot/diff-upper.ts';
import { removeTree } from '../snapshot/remove-tree.ts';
import type { Snapshot } from '../stack/layer.ts';
import { snapshotFolders } from '../stack/snapshot-folders.ts';
import { snapshotTree } from '../stack/snapshot-tree.ts';
import { blameFullDisk } from '../store/full-disk.ts';
import { execContentKey, execParameters } from './exec-key.ts';
import { needsFreshTimes, prepareMounts } from './exec-mounts.ts';
import { execParts, explainExec } from './exec-parts.ts';
import type { ExecSpec } from './exec-spec.ts';
import { expectFreshUse } from './fresh-snapshots.ts';
import { mountName } from './mount-content.ts';
import type { OperationServices } from './operation-services.ts';
import { type FoundResult, findResult } from './find-result.ts';
import { createOutputLines } from './output-lines.ts';
import { type RunUser, resolveRunUser } from './resolve-user.ts';
import { stepFailed } from './step-failed.ts';
import { compareStep, lastDuration, type StepChange, type StepSight } from './step-record.ts';

const anewReason = 'asked to run anew';
const firstReason = 'never built here';
const goneReason = 'its result is not in the store any more';

/** RUN: a command over a snapshot; its changes become a layer. */
export function execNode(
  services: OperationServices,
  root: Node<Snapshot>,
  spec: ExecSpec,
  label: StepLabel,
): Node<Snapshot> {
  const sources = spec.mounts.flatMap((mount) =>
    (mount.type === 'bind' || mount.type === 'cache') && mount.from !== undefined ? [mount.from.node] : [],
  );
  const sight = (key: string, context: StepContext): StepSight => ({
    key,
    parts: () => execParts(spec, { root, below: context.result(root) }, context),
    explain: explainExec(spec, root, context),
  });
  const node: Node<Snapshot> = services.graph.node({
    kind: 'exec',
    parameters: execParameters(spec),
    inputs: [root, ...sources],
    label,
    heavy: true,
    async foresee(context) {
      const key = await execContentKey(spec, context.result(root), context);
      if (uncached.has(node)) return anewReason;
      if ((await findResult(services, key)) !== undefined) return undefined;
      return reasonOf(await compareStep(services, node, sight(key, context)));
    },
    async run(context) {
      const below = context.result(root);
      const key = await execContentKey(spec, below, context);
      const change = await compareStep(services, node, sight(key, context));
      await tellMounts(services, spec, context);
      let isOther = false;
      const made = await oncePerKey(services, key, {
        work: () =>
          cachedOrRun(
            services,
            { anew: uncached.has(node), change, spec, below, key, operation: node.key, label: node.label },
            context,
          ),
        other: () => {
          isOther = true;
          context.waits();
          context.finished({ status: 'cached', note: 'the same as another step of this build' });
        },
      });
      if (isOther) await change.keep();
      const { layer } = made;
      services.trail?.note(node, { kind: 'exec', key, ...made });
      return layer === undefined ? below : { layers: [...below.layers, layer] };
    },
  });
  if (spec.noCache) uncached.add(node);
  if (needsFreshTimes(spec)) expectFreshUse(services, node.label);
  return node;
}

/** Mounts that are filled from elsewhere are named by that, which only a run has to know. */
async function tellMounts(
  { mounts }: OperationServices,
  spec: ExecSpec,
  context: StepContext,
): Promise<void> {
  if (mounts === undefined) return;
  for (const mount of spec.mounts)
    if (mount.type === 'cache' && mount.from === undefined) mounts.known(await mountName(mount, context));
}

/** Whoever asked for the node: one target may want it anew that another would take as it is. */
const uncached = new WeakSet<Node<Snapshot>>();

interface Job {
  readonly anew: boolean;
  readonly change: StepChange;
  readonly spec: ExecSpec;
  readonly below: Snapshot;
  readonly key: string;
  /** The definition key. */
  readonly operation: Digest;
  readonly label: StepLabel;
}

/** Steps that differ in how they were asked but see the same content run once. */
const running = new WeakMap<OperationServices, Map<string, Promise<MadeLayer>>>();

/** `ms` of what ran here, too. `ran`: it did so in this build. */
type MadeLayer = FoundResult & { readonly ran?: boolean };

function oncePerKey(
  services: OperationServices,
  key: string,
  { work, other }: { readonly work: () => Promise<MadeLayer>; readonly other: () => void },
): Promise<MadeLayer> {
  let jobs = running.get(services);
  if (jobs === undefined) {
    jobs = new Map();
    running.set(services, jobs);
  }
  let job = jobs.get(key);
  if (job === undefined) {
    job = work();
    jobs.set(key, job);
  } else other();
  return job;
}

async function cachedOrRun(services: OperationServices, job: Job, context: StepContext): Promise<MadeLayer> {
  const found = job.anew ? undefined : await findResult(services, job.key);
  if (found !== undefined) {
    const { layer, from, ms = lastDuration(services, job.label) } = found;
    if (from !== undefined) services.costs.saved.push({ step: job.label.name, ms: ms ?? 0 });
    context.finished({ status: 'cached', ...(from !== undefined && { note: `from ${from}` }) });
    await job.change.keep();
    return { layer, ms, ...(from !== undefined && { from }) };
  }
  const why = job.anew ? (job.change.why ?? anewReason) : reasonOf(job.change);
  if (!job.change.isFirst) context.finished({ why });
  const { layer, ms } = await runCommand(services, job, context);
  services.store.db.setResult(job.key, layer?.id ?? emptyLayer);
  await job.change.keep(ms);
  return { layer, ms, ran: true };
}

/** Why a step runs that nobody asked to run anew. */
function reasonOf({ why, isFirst }: StepChange): string {
  return why ?? (isFirst ? firstReason : goneReason);
}

/** `ms`: without what the step had to wait for, like its base: other steps may have needed that, too. */
async function runCommand(
  services: OperationServices,
  job: Job,
  context: StepContext,
): Promise<MadeLayer & { readonly ms: number }> {
  const { spec, below, label } = job;
  const { store, pool } = services;
  await assertPlatformRuns(spec.platform, store.temp);
  // what others may wait for is only held when all that takes long is there
  const certain = needsFreshTimes(spec)
    ? below.layers.filter(({ base }) => base !== undefined)
    : below.layers;
  const [sandbox, tree] = await allEnded([
    services.sandbox(),
    snapshotTree(below),
    snapshotFolders({ layers: certain }),
  ]);
  const user = await resolveRunUser(tree, spec.user);
  const id = `run-${randomUUID().slice(0, 13)}`;
  const folder = join(store.temp, id);
  const upper = join(folder, 'upper');
  await mkdir(upper, { recursive: true });
  await mkdir(join(folder, 'work'));
  const top = tree.get('');
  if (top !== undefined) {
    await chown(upper, top.uid, top.gid);
    await chmod(upper, top.mode);
  }
  const mounts = await prepareMounts(services, { spec, below, label, folder, user }, context);
  try {
    const lines = createOutputLines(context.output);
    const lowers = await snapshotFolders(mounts.below);
    services.basesAhead.begun(job.operation);
    const started = process.hrtime.bigint();
    const result = await sandbox.run(
      {
        id,
        root: { lowers, upper, work: join(folder, 'work') },
        mounts: mounts.mounts,
        args: spec.args,
        env: [...environment(spec, user), ...mounts.env],
        cwd: spec.cwd,
        user,
        network: spec.network,
        hostname: 'onebuild',
        extraHosts: spec.extraHosts,
        limits: spec.limits,
        security: spec.security,
      },
      { signal: context.signal, onOutput: lines.write },
    );
    lines.end();
    if (result.exitCode !== 0) throw stepFailed(spec, result);
    const { mtime } = spec;
    const listing = await diffUpper(upper, {
      base: tree,
      signal: context.signal,
      rootless: services.rootless,
      ...(mtime === undefined ? { compareMtime: true } : { setMtime: () => mtime }),
    });
    const ms = Number((process.hrtime.bigint() - started) / 1_000_000n);
    if (listing.entries.length === 0) return { layer: undefined, ms };
    return { layer: await pool.adopt(listing, upper, job.operation), ms };
  } catch (error) {
    throw blameFullDisk(error, upper);
  } finally {
    // in this order: on a full disk a lock can only be given back when there is room again
    await removeTree(folder).finally(() => mounts.release());
  }
}

/** The variables of the command: the image's, then what every RUN has when nobody set it. */
function environment(spec: ExecSpec, user: RunUser): readonly string[] {
  const has = (name: string) => spec.env.some((line) => line.startsWith(`${name}=`));
  const proxy = Object.entries(spec.proxy)
    .filter(([name]) => !has(name))
    .map(([name, value]) => `${name}=${value}`);
  return [...spec.env, ...proxy, ...(has('HOME') ? [] : [`HOME=${user.home}`])];
}

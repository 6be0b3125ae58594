import { type BuildFact, fault, isFault, toFault } from '@onebuild/core';
import type { CacheTarget, SharedOptions } from '../build-options.ts';
import { accountOf, timed } from '../cache/cache-costs.ts';
import type { CacheContents } from '../cache/cache-record.ts';
import type { CachePlace } from '../cache/cache-place.ts';
import { collectCache, ownContents } from '../cache/export-cache.ts';
import { allEnded } from '../graph/all-ended.ts';
import { reachable } from '../graph/graph.ts';
import type { Node } from '../graph/node.ts';
import { reportStep } from '../graph/report-step.ts';
import type { Scheduler } from '../graph/scheduler.ts';
import type { OperationServices } from '../operations/operation-services.ts';
import { createKnownBlobs } from '../output/known-blobs.ts';
import type { Layer, Snapshot } from '../stack/layer.ts';
import { createEarlySending, type EarlySending } from './early-sending.ts';
import { exportedSteps, insideExports } from './exported-steps.ts';
import type { LayerExports, WantedExport } from './layer-exports.ts';
import type { OutputJob } from './output-groups.ts';

export interface ExportCachesServices {
  readonly options: SharedOptions;
  readonly operations: OperationServices;
  readonly scheduler: Scheduler;
  readonly exports: LayerExports;
  readonly emit: (fact: BuildFact) => void;
}

/** What a build has to do with the caches that it writes. */
export interface CacheExports {
  /** Layers that only caches keep; they are sent as soon as they are made. */
  readonly wanted: readonly WantedExport[];
  /**
   * Writes what the build made into the caches that its targets name; to be called when the images have been published. One that cannot be
   * written is a warning, unless the target wants it otherwise.
   */
  write(): Promise<void>;
}

export function createCacheExports(jobs: readonly OutputJob[], services: ExportCachesServices): CacheExports {
  const { options, operations } = services;
  const early = createEarlySending({ options, store: operations.store, costs: operations.costs });
  return {
    wanted: insideExports(jobs, early),
    write: () => exportCaches(jobs, { ...services, early }),
  };
}

type WriteServices = ExportCachesServices & { readonly early: EarlySending };

async function exportCaches(jobs: readonly OutputJob[], services: WriteServices): Promise<void> {
  const groups = Map.groupBy(
    jobs.flatMap((job) => (job.target.options.cacheTo ?? []).map((target) => ({ job, target }))),
    ({ target }) => JSON.stringify(target),
  );
  await allEnded(
    [...groups.values()].map(async (group) => {
      const [first] = group;
      if (first === undefined) return;
      await exportCache(
        group.map(({ job }) => job),
        first.target,
        services,
      );
    }),
  );
}

async function exportCache(
  jobs: readonly OutputJob[],
  target: CacheTarget,
  services: WriteServices,
): Promise<void> {
  const { options, emit, operations, early } = services;
  try {
    const place = early.place(target.location);
    await reportStep(emit, `export cache to ${place.name}`, () =>
      timed(operations.costs, 'exportMs', () => writeCache(jobs, { target, place }, services)),
    );
  } catch (error) {
    if (options.signal.aborted || isFault(error, 'CANCELED')) throw error;
    const { code, message, hint } = toFault(error);
    // with no mark of the cache that was read: the images are there already
    if (!target.ignoreError)
      throw fault(code, `the cache was not written: ${message}`, { hint, cause: error });
    emit({ type: 'warning', rule: 'CacheUnwritten', message: `the cache was not written: ${message}` });
  }
}

async function writeCache(
  jobs: readonly OutputJob[],
  { target, place }: { readonly target: CacheTarget; readonly place: CachePlace },
  services: ExportCachesServices,
): Promise<{ readonly note: string }> {
  const { options, operations } = services;
  const { store, costs, remote } = operations;
  const { signal } = options;
  // what a damaged cache says it has is sent again where the registry lacks it
  const isDamaged = remote?.isDamaged(place.name) === true;
  const there = isDamaged
    ? undefined
    : ((await remote?.contentsAt(place.name)) ?? (await place.read(signal)));
  const known = there && (await ownContents(there, target));
  const knownBlobs = createKnownBlobs(store.db);
  const began = options.clock();
  const onSent = (bytes: number) => void (costs.sentBytes += bytes);
  const mounts = await operations.mounts?.save(place, { target, known, onSent });
  const contents = await collectCache(
    {
      place,
      target,
      known,
      mounts,
      steps: exportedSteps(jobs, target, services),
      bases: await listedBases(jobs, known, services),
    },
    {
      store,
      signal,
      now: options.clock(),
      onSent,
      isThere: (registry, repository, digest) =>
        !isDamaged && knownBlobs.placeOf(registry, digest) === repository,
      mountFrom: (registry, { descriptor, source }) => {
        const from = [knownBlobs.placeOf(registry, descriptor.digest)];
        if (source?.repository?.registry === registry) from.push(source.repository.repository);
        return from.filter((one) => one !== undefined);
      },
    },
  );
  if (contents.records.length === 0) return { note: 'nothing new' };
  const { maxSize, maxAgeDays } = target;
  const limits = {
    ...(maxSize !== undefined && { maxSize }),
    ...(maxAgeDays !== undefined && { maxAgeDays }),
  };
  const now = options.clock();
  const account = accountOf({ ...costs, exportMs: costs.exportMs + now - began }, Math.floor(now / 1000));
  const all: CacheContents = { ...contents, accounts: [account] };
  await place.add(all, { limits, signal });
  return { note: `${contents.records.length} entries` };
}

/** Layers of bases that this store has listed: who looked at them may have to again. And those that the cache has. */
async function listedBases(
  jobs: readonly OutputJob[],
  known: CacheContents | undefined,
  { scheduler, operations }: ExportCachesServices,
): Promise<readonly Layer[]> {
  const ends = jobs.flatMap(({ states }) => states.map(({ snapshot }) => snapshot));
  const images = [...reachable(ends)].filter((node) => node.kind === 'image') as readonly Node<Snapshot>[];
  const snapshots = await Promise.all(images.map((node) => scheduler.solve(node)));
  const layers = new Map(snapshots.flatMap(({ layers: own }) => own.map((layer) => [layer.id, layer])));
  const listings = known?.records.filter(({ kind }) => kind === 'listing').map(({ key }) => key);
  const there = new Set<string>(listings);
  return [...layers.values()].filter(({ id }) => there.has(id) || operations.store.db.touch('index', id));
}

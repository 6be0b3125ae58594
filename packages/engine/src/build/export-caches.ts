import { type BuildFact, fault, isFault, toFault } from '@onebuild/core';
import type { CacheTarget, LayerCompression, SharedOptions } from '../build-options.ts';
import { accountOf, timed } from '../cache/cache-costs.ts';
import type { CacheContents } from '../cache/cache-record.ts';
import type { CachePlace } from '../cache/cache-place.ts';
import { collectCache, type ExportedStep } from '../cache/export-cache.ts';
import { openPlace } from '../cache/open-place.ts';
import { allEnded } from '../graph/all-ended.ts';
import { reachable } from '../graph/graph.ts';
import type { Node } from '../graph/node.ts';
import { reportStep } from '../graph/report-step.ts';
import type { Scheduler } from '../graph/scheduler.ts';
import { createSemaphore } from '../graph/semaphore.ts';
import type { OperationServices } from '../operations/operation-services.ts';
import { createKnownBlobs } from '../output/known-blobs.ts';
import type { Layer, Snapshot } from '../stack/layer.ts';
import type { ImageLayer, LayerForm } from './export-layers.ts';
import type { LayerExports, WantedExport } from './layer-exports.ts';
import { type OutputJob, outputGroups } from './output-groups.ts';
import { fixedEpoch } from './times.ts';

export interface ExportCachesServices {
  readonly options: SharedOptions;
  readonly operations: OperationServices;
  readonly scheduler: Scheduler;
  readonly exports: LayerExports;
  readonly emit: (fact: BuildFact) => void;
}

/** For layers that no image has: small and quick. */
const cacheCompression: LayerCompression = { compression: 'zstd' };

/**
 * Writes what the build made into the caches that its targets name, after the images have been published. One that cannot be written is a
 * warning, unless the target wants it otherwise.
 */
export async function exportCaches(
  jobs: readonly OutputJob[],
  services: ExportCachesServices,
): Promise<void> {
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
  services: ExportCachesServices,
): Promise<void> {
  const { options, emit, operations } = services;
  try {
    const place = openPlace(target.location, options);
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
  const { options, operations, emit } = services;
  const { store, costs, remote } = operations;
  const { signal } = options;
  const known = (await remote?.contentsAt(place.name)) ?? (await place.read(signal));
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
      bases: await listedBases(jobs, services),
    },
    {
      store,
      signal,
      emit,
      now: options.clock(),
      onSent,
      isThere: (registry, repository, digest) => knownBlobs.placeOf(registry, digest) === repository,
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

/** Steps whose layers no image has, as far as a cache keeps them. */
export function insideExports(jobs: readonly OutputJob[]): readonly WantedExport[] {
  const wanting = jobs.filter(({ target }) => target.options.cacheTo?.some(({ mode }) => mode === 'max'));
  const forms = imageForms(jobs);
  return wanting.flatMap((job) =>
    [...reachable(job.states.map(({ snapshot }) => snapshot))]
      .filter((node) => node.kind === 'exec' && !forms.has(node))
      .map((node) => ({ node: node as Node<Snapshot>, form: insideForm(job) })),
  );
}

/** The same at each commit, as no image has it. */
function insideForm({ target: { times } }: OutputJob): LayerForm {
  return {
    compression: cacheCompression,
    times: { ...times, layers: times.preserve ? undefined : fixedEpoch },
  };
}

/** The steps that the images stand on with their layers; with `max` all of them. */
function exportedSteps(
  jobs: readonly OutputJob[],
  { mode }: CacheTarget,
  { operations, exports }: ExportCachesServices,
): readonly ExportedStep[] {
  const forms = imageForms(jobs);
  const [first] = jobs;
  const inside = first === undefined ? [] : [insideForm(first)];
  const places = createSemaphore(2);
  const exportAs = (layer: Layer, wanted: readonly LayerForm[]): Promise<readonly ImageLayer[]> =>
    places.use(() => allEnded(wanted.map((form) => exports.exportLayer(layer, form))));
  const ends = jobs.flatMap(({ states }) => states.map(({ snapshot }) => snapshot));
  return [...reachable(ends)].flatMap((node): readonly ExportedStep[] => {
    const trace = operations.trail?.of(node);
    const own = forms.get(node);
    if (trace === undefined || (own === undefined && mode === 'min')) return [];
    const { layer, kind } = trace;
    const wanted = own ?? (kind === 'exec' ? inside : []);
    const blobs = async () => (layer === undefined ? [] : exportAs(layer, wanted));
    return [{ trace, isInside: own === undefined, blobs }];
  });
}

/** How images have the layers of the steps that they stand on. */
function imageForms(jobs: readonly OutputJob[]): ReadonlyMap<Node<unknown>, readonly LayerForm[]> {
  const forms = new Map<Node<unknown>, LayerForm[]>();
  for (const job of jobs) {
    const { times } = job.target;
    const compressions = outputGroups(job).map(({ compression }) => compression);
    for (const { snapshot } of job.states) {
      let node: Node<unknown> | undefined = snapshot;
      for (; node !== undefined; node = node.inputs[0]) {
        const own = forms.get(node) ?? [];
        forms.set(node, own);
        const wanted = compressions.length > 0 ? compressions : [cacheCompression];
        own.push(...wanted.map((compression) => ({ compression, times })));
      }
    }
  }
  return forms;
}

/** Layers of bases that this store has listed: who looked at them may have to again. */
async function listedBases(
  jobs: readonly OutputJob[],
  { scheduler, operations }: ExportCachesServices,
): Promise<readonly Layer[]> {
  const ends = jobs.flatMap(({ states }) => states.map(({ snapshot }) => snapshot));
  const images = [...reachable(ends)].filter((node) => node.kind === 'image') as readonly Node<Snapshot>[];
  const snapshots = await Promise.all(images.map((node) => scheduler.solve(node)));
  const layers = new Map(snapshots.flatMap(({ layers: own }) => own.map((layer) => [layer.id, layer])));
  return [...layers.values()].filter(({ id }) => operations.store.db.touch('index', id));
}

import type { CacheTarget, LayerCompression } from '../build-options.ts';
import type { ExportedStep } from '../cache/export-cache.ts';
import { allEnded } from '../graph/all-ended.ts';
import { reachable } from '../graph/graph.ts';
import type { Node } from '../graph/node.ts';
import { createSemaphore } from '../graph/semaphore.ts';
import type { Layer, Snapshot } from '../stack/layer.ts';
import type { EarlySending } from './early-sending.ts';
import type { ExportCachesServices } from './export-caches.ts';
import type { ImageLayer, LayerForm } from './export-layers.ts';
import type { WantedExport } from './layer-exports.ts';
import { type OutputJob, outputGroups } from './output-groups.ts';
import { fixedEpoch } from './times.ts';

/** For layers that no image has: small and quick. */
const cacheCompression: LayerCompression = { compression: 'zstd' };

/** Steps whose layers no image has, as far as a cache keeps them. */
export function insideExports(
  jobs: readonly OutputJob[],
  early: Pick<EarlySending, 'send'>,
): readonly WantedExport[] {
  const forms = imageForms(jobs);
  return jobs.flatMap((job) => {
    const targets = job.target.options.cacheTo?.filter(({ mode }) => mode === 'max') ?? [];
    if (targets.length === 0) return [];
    const send = (layer: ImageLayer): Promise<void> => early.send(targets, layer);
    return [...reachable(job.states.map(({ snapshot }) => snapshot))]
      .filter((node) => node.kind === 'exec' && !forms.has(node))
      .map((node) => ({ node: node as Node<Snapshot>, form: insideForm(job), send }));
  });
}

/** The same at each commit, as no image has it. */
function insideForm({ target: { times } }: OutputJob): LayerForm {
  return {
    compression: cacheCompression,
    times: { ...times, layers: times.preserve ? undefined : fixedEpoch },
  };
}

/** The steps that the images stand on with their layers; with `max` all of them. */
export function exportedSteps(
  jobs: readonly OutputJob[],
  { mode, sign }: CacheTarget,
  { operations, exports }: Pick<ExportCachesServices, 'operations' | 'exports'>,
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
    const { layer, kind, from } = trace;
    // who signs answers for it
    if (sign !== undefined && from !== undefined && operations.remote?.isVerified(from) !== true) return [];
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

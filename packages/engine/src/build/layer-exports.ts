import type { Progress } from '../graph/report-step.ts';
import type { Scheduler } from '../graph/scheduler.ts';
import { createSemaphore } from '../graph/semaphore.ts';
import type { Node } from '../graph/node.ts';
import type { Layer, Snapshot } from '../stack/layer.ts';
import {
  createLayerExporter,
  type ExportLayersServices,
  type ImageLayer,
  type LayerForm,
} from './export-layers.ts';
import type { OutputGroup } from './output-groups.ts';

/** Blobs of the layers of a build's images, each made once. */
export interface LayerExports {
  readonly exportLayer: ReturnType<typeof createLayerExporter>;
  /** Tells `progress` from now on how many bytes there are by then, of all layers. */
  showTo(progress: Progress): void;
}

export function createLayerExports(services: Omit<ExportLayersServices, 'onProgress'>): LayerExports {
  const moved = new Map<string, number>();
  let sum = 0;
  let show: Progress | undefined;
  return {
    exportLayer: createLayerExporter({
      ...services,
      onProgress(layer, bytes) {
        sum += bytes - (moved.get(layer.id) ?? 0);
        moved.set(layer.id, bytes);
        show?.('compress', sum);
      },
    }),
    showTo: (progress) => {
      show = progress;
    },
  };
}

export interface EarlyExports {
  /** Begins no further layer: the images are made now, and they take them all at once. */
  leave(): void;
  /** Resolves when nothing is in work and no step can bring more. */
  readonly ended: Promise<unknown>;
}

/** A step whose layer is wanted as a blob. */
export interface WantedExport {
  readonly node: Node<Snapshot>;
  readonly form: LayerForm;
  /** Told of the blob when it is there. */
  readonly send?: (layer: ImageLayer) => Promise<void>;
}

/** The layers that images will have. */
export function imageExports(groups: readonly OutputGroup[]): readonly WantedExport[] {
  return groups.flatMap(({ job: { target, states }, compression }) =>
    states
      .flatMap((state) => [...state.history.flatMap(({ node }) => node ?? []), state.snapshot])
      .map((node) => ({ node, form: { compression, times: target.times } })),
  );
}

/**
 * Makes the blobs of layers as soon as their steps have ended: one at a time, for other steps run. What fails here fails in the same way for
 * whoever needs it. The steps have been asked for already.
 */
export function exportEarly(
  wanted: readonly WantedExport[],
  {
    scheduler,
    exports,
    isElsewhere,
  }: {
    readonly scheduler: Scheduler;
    readonly exports: LayerExports;
    /** Whether a cache has the layer: it need not come here for this. */
    readonly isElsewhere: (layer: Layer) => Promise<boolean>;
  },
): EarlyExports {
  const places = createSemaphore(1);
  let open = true;
  const work = wanted.map(async ({ node, form, send }) => {
    const layer = (await scheduler.solve(node)).layers.at(-1);
    if (layer === undefined || layer.base !== undefined || (await isElsewhere(layer))) return;
    const blob = await places.use(async () => (open ? exports.exportLayer(layer, form) : undefined));
    if (blob !== undefined) await send?.(blob);
  });
  return {
    leave: () => {
      open = false;
    },
    ended: Promise.allSettled(work),
  };
}

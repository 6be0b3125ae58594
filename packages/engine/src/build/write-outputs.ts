import { type BuildFact, type BuiltImage, fault } from '@onebuild/core';
import { formatPlatform, formatReference, type Reference } from '@onebuild/oci';
import type { BuildOptions, BuildResult, LayerCompression, Output } from '../build-options.ts';
import type { StageState } from '../frontend/stage-state.ts';
import { allEnded } from '../graph/all-ended.ts';
import { type Progress, reportStep } from '../graph/report-step.ts';
import type { Scheduler } from '../graph/scheduler.ts';
import { buildImageId, buildMetadata } from '../output/build-metadata.ts';
import type { PushReport, PushSet } from '../output/push-images.ts';
import { timedTree } from '../stack/snapshot-tree.ts';
import type { Store } from '../store/store.ts';
import { annotationsFor } from './annotations.ts';
import { assembleImage, assembleIndex } from './assemble-image.ts';
import { createLayerExporter } from './export-layers.ts';
import type { BuildTimes } from './times.ts';

export interface OutputServices {
  readonly store: Store;
  readonly scheduler: Scheduler;
  readonly emit: (fact: BuildFact) => void;
  readonly times: BuildTimes;
  /** One per platform, solved. */
  readonly states: readonly StageState[];
}

const defaultCompression: LayerCompression = { compression: 'gzip' };

type FileOutput = Extract<Output, { readonly type: 'local' | 'tar' }>;
type ImageOutput = Exclude<Output, FileOutput>;

function isFileOutput(output: Output): output is FileOutput {
  return output.type === 'local' || output.type === 'tar';
}

/** Makes the images, once per compression that the outputs ask for, and hands them to the outputs, side by side. */
export async function writeOutputs(options: BuildOptions, services: OutputServices): Promise<BuildResult> {
  const fileOutputs = options.outputs.filter(isFileOutput);
  const images = options.outputs.filter((output): output is ImageOutput => !isFileOutput(output));
  await allEnded(
    fileOutputs.map((output) =>
      reportStep(services.emit, outputName(output), () =>
        writeFiles(services, { output, signal: options.signal }),
      ),
    ),
  );
  const groups = Map.groupBy(
    options.outputs.length > 0 ? images : [{ type: 'store' } as const satisfies Output],
    (output: ImageOutput) => JSON.stringify(output.layers ?? defaultCompression),
  );
  const results: { readonly set: PushSet; readonly image: BuiltImage }[] = [];
  for (const group of groups.values()) {
    const compression = group[0]?.layers ?? defaultCompression;
    const set = await reportStep(services.emit, 'export layers', (progress) =>
      makeSet(options, services, { compression, progress }),
    );
    const written = await allEnded(
      group.map((output) =>
        reportStep(services.emit, outputName(output), (progress) =>
          writeImages(options, { output, set, progress }),
        ),
      ),
    );
    const image = builtImage(set, group, written);
    services.emit({ type: 'image.built', image });
    results.push({ set, image });
  }
  const [first] = results;
  return {
    images: results.map(({ image }) => image),
    metadata: first === undefined ? {} : buildMetadata(first.set),
    imageId: first === undefined ? undefined : buildImageId(first.set),
  };
}

/** `local` and `tar`: no layer has to be made for them. */
async function writeFiles(
  { states, scheduler, times }: OutputServices,
  job: { readonly output: FileOutput; readonly signal: AbortSignal },
): Promise<Written> {
  const { output, signal } = job;
  const { writeLocalFiles, writeTarFiles } = await import('../output/local-files.ts');
  const results = await allEnded(
    states.map(async (state) => ({
      platform: state.platform,
      tree: await timedTree(await scheduler.solve(state.snapshot), times.layers),
    })),
  );
  if (output.type === 'tar') {
    await writeTarFiles(results, { dest: output.dest, signal });
    return {};
  }
  const skipped = await writeLocalFiles(results, { dest: output.dest, signal });
  return skipped.length === 0 ? {} : { note: `left out ${skipped.length} devices and pipes` };
}

interface Written {
  readonly push?: PushReport;
  readonly note?: string;
}

async function makeSet(
  options: BuildOptions,
  services: OutputServices,
  job: { readonly compression: LayerCompression; readonly progress: Progress },
): Promise<PushSet> {
  const { store, times, scheduler } = services;
  const moved = new Map<string, number>();
  const exportLayer = createLayerExporter({
    store,
    times,
    signal: options.signal,
    onProgress: (layer, bytes) => {
      moved.set(layer.id, bytes);
      job.progress(
        'compress',
        [...moved.values()].reduce((a, b) => a + b, 0),
      );
    },
  });
  const images = await allEnded(
    services.states.map((state) =>
      assembleImage(
        {
          store,
          scheduler,
          times,
          exportLayer,
          labels: options.labels,
          annotations: annotationsFor(options.annotations, { manifest: formatPlatform(state.platform) }),
        },
        state,
        job.compression,
      ),
    ),
  );
  const index =
    images.length > 1
      ? assembleIndex(images, annotationsFor(options.annotations, { index: true }))
      : undefined;
  return { images, names: options.tags, ...(index && { index }) };
}

async function writeImages(
  options: BuildOptions,
  job: { readonly output: ImageOutput; readonly set: PushSet; readonly progress: Progress },
): Promise<Written> {
  const { output, set } = job;
  const { signal } = options;
  switch (output.type) {
    case 'push': {
      const { pushImages } = await import('../output/push-images.ts');
      if (output.names.length === 0)
        throw fault('OUTPUT_INVALID', 'there is no name to push to', { hint: 'Name the image with `-t`.' });
      const report = await pushImages(
        { ...set, names: output.names },
        {
          registry: options.registry,
          signal,
          onProgress: (sent, total) => job.progress('push', sent, total),
        },
      );
      const note = pushNote(report);
      return { push: report, ...(note !== undefined && { note }) };
    }
    case 'oci': {
      const { writeOciLayout } = await import('../output/oci-layout.ts');
      await writeOciLayout(set, { dest: output.dest, tar: output.tar, signal });
      return {};
    }
    case 'docker': {
      const { writeDockerArchive } = await import('../output/docker-archive.ts');
      await writeDockerArchive(set, { dest: output.dest, tar: output.tar, signal });
      return {};
    }
    case 'load': {
      const { loadImage } = await import('../output/load-image.ts');
      const engine = await loadImage(set, { engine: output.engine, dockerHost: output.dockerHost, signal });
      return { note: `loaded into ${engine}` };
    }
    case 'store':
      return {};
  }
}

function outputName(output: Output): string {
  switch (output.type) {
    case 'push':
      return `push ${output.names.map(formatReference).join(', ')}`;
    case 'load':
      return 'load into the local engine';
    case 'store':
      return 'keep in the store';
    case 'local':
      return `write files to ${output.dest}`;
    default:
      return `write ${output.type}${'path' in output.dest ? ` ${output.dest.path}` : ''}`;
  }
}

function builtImage(set: PushSet, outputs: readonly ImageOutput[], written: readonly Written[]): BuiltImage {
  const top = set.index?.descriptor ?? set.images[0]?.manifest.descriptor;
  if (top === undefined) throw fault('INTERNAL', 'no image was made');
  const sizes = new Map(
    set.images.flatMap((image) => image.layers.map(({ descriptor }) => [descriptor.digest, descriptor.size])),
  );
  const pushed = outputs.flatMap((output): readonly Reference[] =>
    output.type === 'push' ? output.names : [],
  );
  const sum = (of: (report: PushReport) => number) =>
    written.reduce((total, { push }) => total + (push === undefined ? 0 : of(push)), 0);
  return {
    digest: top.digest,
    mediaType: top.mediaType,
    platforms: set.images.map((image) => formatPlatform(image.platform)),
    size: [...sizes.values()].reduce((a, b) => a + b, 0),
    names: (pushed.length > 0 ? pushed : set.names).map(formatReference),
    outputs: outputs.map((output) =>
      'dest' in output && typeof output.dest === 'object' && 'path' in output.dest
        ? `${output.type}:${output.dest.path}`
        : output.type,
    ),
    sentBytes: sum((report) => report.sentBytes),
    reusedBytes: sum((report) => report.reusedBytes),
  };
}

/** Amounts are in the event of the image; this is what they do not tell. */
function pushNote({ sentBytes, mounted }: PushReport): string | undefined {
  if (mounted > 0) return `${mounted} ${mounted === 1 ? 'layer' : 'layers'} mounted`;
  return sentBytes === 0 ? 'nothing to send' : undefined;
}

import { type BuiltImage, fault } from '@onebuild/core';
import { formatPlatform, formatReference, type Reference } from '@onebuild/oci';
import type { Output } from '../build-options.ts';
import type { PushReport, PushSet } from '../output/push-images.ts';

/** Images in one compression, and where they went. */
export interface WrittenSet {
  readonly set: PushSet;
  readonly outputs: readonly Output[];
  /** One for each output that is a push. */
  readonly reports: readonly PushReport[];
}

export function builtImage({ set, outputs, reports }: WrittenSet): BuiltImage {
  const top = set.index?.descriptor ?? set.images[0]?.manifest.descriptor;
  if (top === undefined) throw fault('INTERNAL', 'no image was made');
  const pushed = outputs.flatMap((output): readonly Reference[] =>
    output.type === 'push' ? output.names : [],
  );
  const sum = (of: (report: PushReport) => number) =>
    reports.reduce((total, report) => total + of(report), 0);
  return {
    digest: top.digest,
    mediaType: top.mediaType,
    platforms: set.images.map((image) => formatPlatform(image.platform)),
    size: layersSize(set.images),
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

/** Bytes of all layers, each counted once. */
export function layersSize(images: PushSet['images']): number {
  const sizes = new Map(
    images.flatMap((image) => image.layers.map(({ descriptor }) => [descriptor.digest, descriptor.size])),
  );
  return sizes.values().reduce((sum, size) => sum + size, 0);
}

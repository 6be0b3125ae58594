import { fault } from '@onebuild/core';
import { formatReference, type Reference } from '@onebuild/oci';
import { reportStep } from '../graph/report-step.ts';
import type { PushReport, PushSet } from '../output/push-images.ts';
import type { OutputServices } from './write-outputs.ts';

/** Pushes all images of a build: their tags move last, all of them or none. `ready`: what has to have ended well before. */
export async function pushAll(
  pushes: readonly { readonly set: PushSet }[],
  { options, store, emit, ready }: OutputServices & { readonly ready: Promise<unknown> },
): Promise<readonly PushReport[]> {
  if (pushes.length === 0) return [];
  const sets = pushes.map(({ set }) => set);
  if (sets.some(({ names }) => names.length === 0))
    throw fault('OUTPUT_INVALID', 'there is no name to push to', { hint: 'Name the image with `-t`.' });
  const { pushImages } = await import('../output/push-images.ts');
  const { createKnownBlobs } = await import('../output/known-blobs.ts');
  const step = await reportStep(emit, pushName(sets.flatMap(({ names }) => names)), async (progress) => {
    const onProgress = (sent: number, total: number) => progress('push', sent, total);
    const { registry, signal } = options;
    const reports = await pushImages(sets, {
      registry,
      signal,
      onProgress,
      ready,
      known: createKnownBlobs(store.db),
    });
    return { reports, note: pushNote(reports) };
  });
  return step.reports;
}

function pushName(names: readonly Reference[]): string {
  if (names.length <= 4) return `push ${names.map(formatReference).join(', ')}`;
  const registries = new Set(names.map(({ registry }) => registry));
  return `push ${names.length} names to ${[...registries].join(', ')}`;
}

/** Amounts are in the events of the images; this is what they do not tell. */
function pushNote(reports: readonly PushReport[]): string | undefined {
  const mounted = reports.reduce((sum, report) => sum + report.mounted, 0);
  if (mounted > 0) return `${mounted} ${mounted === 1 ? 'layer' : 'layers'} mounted`;
  return reports.every(({ sentBytes }) => sentBytes === 0) ? 'nothing to send' : undefined;
}

import type { BuildFact } from '@onebuild/core';
import { formatPlatform } from '@onebuild/oci';
import type { BuildAllResult, Output, SharedOptions, TargetOptions, TargetResult } from '../build-options.ts';
import { allEnded } from '../graph/all-ended.ts';
import { reportStep } from '../graph/report-step.ts';
import type { Scheduler } from '../graph/scheduler.ts';
import { buildImageId, buildMetadata } from '../output/build-metadata.ts';
import type { PushReport, PushSet } from '../output/push-images.ts';
import type { Store } from '../store/store.ts';
import { annotationsFor } from './annotations.ts';
import { assembleImage, assembleIndex } from './assemble-image.ts';
import { builtImage, type WrittenSet } from './built-image.ts';
import type { LayerExports } from './layer-exports.ts';
import { isFileOutput, type OutputGroup, type OutputJob, outputGroups } from './output-groups.ts';
import { pushAll } from './push-all.ts';
import { platformResults, sharingReport } from './sharing-report.ts';
import { fileOutputName, writeFiles } from './write-files.ts';
import { type LocalOutput, localOutputName, writeImages } from './write-images.ts';

export interface OutputServices {
  readonly options: SharedOptions;
  readonly store: Store;
  readonly scheduler: Scheduler;
  readonly emit: (fact: BuildFact) => void;
  readonly exports: LayerExports;
}

export type PushOutput = Extract<Output, { readonly type: 'push' }>;

type GroupSet = OutputGroup & { readonly set: PushSet };

/** What a build of nothing gives. */
export function nothingBuilt(targets: readonly TargetOptions[]): BuildAllResult {
  return {
    targets: targets.map(({ name }) => ({
      name,
      images: [],
      metadata: {},
      imageId: undefined,
      platforms: [],
    })),
    sharing: { separateMs: 0, ms: 0 },
  };
}

/**
 * Makes the images of all targets, once per compression that their outputs ask for, and hands them to the outputs, side by side. Tags of
 * registries move last, all of them or none.
 */
export async function writeOutputs(
  jobs: readonly OutputJob[],
  services: OutputServices,
): Promise<BuildAllResult> {
  const { emit } = services;
  const files = jobs.flatMap((job) =>
    job.target.options.outputs.filter(isFileOutput).map((output) => ({ job, output })),
  );
  await allEnded(
    files.map(({ job, output }) =>
      reportStep(emit, fileOutputName(output), () => writeFiles(job, output, services)),
    ),
  );
  const sets = await makeSets(jobs.flatMap(outputGroups), services);
  const reports = await writeSets(sets, services);
  const written = sets.map((group, at): WrittenSet & { readonly job: OutputJob } => {
    const { set, outputs, job } = group;
    return { set, outputs, job, reports: reports[at] ?? [] };
  });
  const targets = jobs.map((job): TargetResult => {
    const own = written.filter((group) => group.job === job);
    const images = own.map((group) => ({
      ...(jobs.length > 1 && { target: job.target.name }),
      ...builtImage(group),
    }));
    for (const image of images) emit({ type: 'image.built', image });
    const first = own[0]?.set;
    return {
      name: job.target.name,
      images,
      metadata: first === undefined ? {} : buildMetadata(first),
      imageId: first === undefined ? undefined : buildImageId(first),
      platforms: platformResults(job, own, services.scheduler),
    };
  });
  return { targets, sharing: sharingReport(jobs, services.scheduler) };
}

/** A layer is exported once in each form, whichever targets hold it. */
async function makeSets(
  groups: readonly OutputGroup[],
  services: OutputServices,
): Promise<readonly GroupSet[]> {
  if (groups.length === 0) return [];
  return reportStep(services.emit, 'export layers', (progress) => {
    services.exports.showTo(progress);
    return allEnded(groups.map(async (group) => ({ ...group, set: await makeSet(group, services) })));
  });
}

async function makeSet({ job, compression }: OutputGroup, services: OutputServices): Promise<PushSet> {
  const { store, scheduler, exports } = services;
  const { exportLayer } = exports;
  const { options, times } = job.target;
  const images = await allEnded(
    job.states.map((state) => {
      const annotations = annotationsFor(options.annotations, { manifest: formatPlatform(state.platform) });
      const assembly = { store, scheduler, times, exportLayer, labels: options.labels, annotations };
      return assembleImage(assembly, state, compression);
    }),
  );
  const index =
    images.length > 1
      ? assembleIndex(images, annotationsFor(options.annotations, { index: true }))
      : undefined;
  return { images, names: options.tags, ...(index && { index }) };
}

/** @returns for each set what was pushed of it */
async function writeSets(
  sets: readonly GroupSet[],
  services: OutputServices,
): Promise<readonly (readonly PushReport[])[]> {
  const { emit } = services;
  const local = sets.flatMap(({ set, outputs }) =>
    outputs
      .filter((output): output is LocalOutput => output.type !== 'push' && output.type !== 'store')
      .map((output) => ({ set, output })),
  );
  const others = allEnded(
    local.map(({ set, output }) =>
      reportStep(emit, localOutputName(output), () => writeImages(output, set, services.options.signal)),
    ),
  );
  const pushes = sets.flatMap(({ set, outputs }, at) =>
    outputs
      .filter((output): output is PushOutput => output.type === 'push')
      .map(({ names }) => ({ at, set: { ...set, names } })),
  );
  const [, reports] = await allEnded([others, pushAll(pushes, { ...services, ready: others })]);
  return sets.map((_set, at) => reports.filter((_report, index) => pushes[index]?.at === at));
}

import type { BuildReport } from '@onebuild/core';
import { formatPlatform } from '@onebuild/oci';
import type { BuildAllResult, PlatformResult, SharingReport } from '../build-options.ts';
import type { StageState } from '../frontend/stage-state.ts';
import { reachable } from '../graph/graph.ts';
import type { Node } from '../graph/node.ts';
import type { Scheduler } from '../graph/scheduler.ts';
import { layersSize, type WrittenSet } from './built-image.ts';

interface SolvedTarget {
  readonly states: readonly StageState[];
}

/** One row for each image of a target; digest and size are those of its first set. */
export function platformResults(
  { states }: SolvedTarget,
  sets: readonly WrittenSet[],
  scheduler: Scheduler,
): readonly PlatformResult[] {
  const counted = new Set<string>();
  return states.map((state, at) => {
    const image = sets[0]?.set.images[at];
    let sentBytes = 0;
    for (const [number, { set, reports }] of sets.entries()) {
      const own = set.images[at];
      for (const { descriptor } of own === undefined ? [] : [...own.layers, own.config]) {
        const key = `${number} ${descriptor.digest}`;
        if (counted.has(key)) continue;
        counted.add(key);
        for (const { sent } of reports) sentBytes += sent.get(descriptor.digest) ?? 0;
      }
    }
    return {
      platform: formatPlatform(state.platform),
      digest: image?.manifest.descriptor.digest,
      size: image === undefined ? 0 : layersSize([image]),
      sentBytes,
      ms: workOf([state], scheduler),
    };
  });
}

/** What targets built one by one would have taken, in steps' times, against this build. */
export function sharingReport(targets: readonly SolvedTarget[], scheduler: Scheduler): SharingReport {
  const all = reachable(targets.flatMap(({ states }) => states.map(({ snapshot }) => snapshot)));
  return {
    separateMs: targets.reduce((sum, { states }) => sum + workOf(states, scheduler), 0),
    // who waited for an equal step did no work of its own
    ms: sumOf(
      [...all].filter((node) => !scheduler.hasWaited(node)),
      scheduler,
    ),
  };
}

/** The result as events tell it. */
export function buildReport({ targets, sharing }: BuildAllResult): BuildReport {
  const boxes = targets.flatMap(({ name, platforms }) =>
    platforms.map(({ digest, ...box }) => ({
      ...(name !== '' && { target: name }),
      ...box,
      ...(digest !== undefined && { digest }),
    })),
  );
  return { boxes, ...sharing };
}

function workOf(states: readonly StageState[], scheduler: Scheduler): number {
  return sumOf([...reachable(states.map(({ snapshot }) => snapshot))], scheduler);
}

function sumOf(nodes: readonly Node<unknown>[], scheduler: Scheduler): number {
  return nodes.reduce((sum, node) => sum + scheduler.duration(node), 0);
}

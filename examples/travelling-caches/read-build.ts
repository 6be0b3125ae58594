import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildEvent, BuildReport, StepStatus } from '@onebuild/core';

/** What the build of one worker did. */
export interface Build {
  /** Steps of the Dockerfile in the order in which they began. */
  readonly steps: readonly BuildStep[];
  /** None where it failed. */
  readonly report: BuildReport | undefined;
  readonly ms: number;
  /** Archives of packages that npm fetched: `ms-2.1.3.tgz` */
  readonly downloads: readonly string[];
  /** Layers in the worker's store, which began empty: only what was unpacked or made here is there. */
  readonly layers: number;
  /** What steps printed, and the error where there is one. */
  readonly output: string;
}

export interface BuildStep {
  /** Without the mounts of RUN: `RUN npm ci` */
  readonly name: string;
  readonly status: StepStatus;
  readonly ms: number;
}

/** Reads what a worker left behind: the lines of `--progress json`, and its store. */
export function readBuild(worker: string): Build {
  const events = readFileSync(join(worker, 'build.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as BuildEvent);
  const printed = events.flatMap((event) => (event.type === 'step.output' ? [event.text] : [])).join('');
  const end = events.at(-1);
  if (end?.type !== 'build.finished') throw new Error(`${worker}/build.jsonl has no end`);
  const layers = join(worker, 'store/layers');
  return {
    steps: readSteps(events),
    report: end.report,
    ms: end.ms,
    downloads: [...printed.matchAll(/^npm http fetch GET 200 .*\/(\S+\.tgz) /gm)].map(
      ([, file = '']) => file,
    ),
    layers: existsSync(layers) ? readdirSync(layers).length : 0,
    output: end.error === undefined ? printed : `${printed}\n${end.error.message}\n${end.error.hint}`,
  };
}

function readSteps(events: readonly BuildEvent[]): readonly BuildStep[] {
  const ends = new Map(
    events.flatMap((event) => (event.type === 'step.finished' ? [[event.step, event]] : [])),
  );
  return events.flatMap((event) => {
    const end = event.type === 'step.started' && event.stage !== undefined ? ends.get(event.step) : undefined;
    if (event.type !== 'step.started' || end === undefined) return [];
    const name = event.name.replace(/\s+--mount=\S+/g, '').replace(/\s+/g, ' ');
    return [{ name, status: end.status, ms: end.ms }];
  });
}

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { BuildEvent, CacheReport } from '@onebuild/core';
import {
  type BuildAllOptions,
  buildAll,
  type CacheLocation,
  type CacheSource,
  type CacheTarget,
  type TargetOptions,
} from '@onebuild/engine';
import { parseReference } from '@onebuild/oci';
import { testBuildOptions } from './build-options.ts';
import { type BusyboxBench, openBusyboxBench } from './busybox-bench.ts';

/** What differs from one target of a test to the next. */
export type Draft = Partial<TargetOptions> & { readonly text: string };

export interface BuiltTarget {
  readonly digest: string | undefined;
  /** Digest of the config, or of the index. */
  readonly imageId: string | undefined;
}

export interface CacheRun {
  readonly home: string;
  readonly targets: Readonly<Record<string, BuiltTarget>>;
  /** Names of the RUN and COPY steps that were done, and of those that were cached; `TARGET: NAME` where it is one target's. */
  readonly done: readonly string[];
  readonly cached: readonly string[];
  readonly warnings: readonly string[];
  readonly report: CacheReport | undefined;
  /** What commands printed. */
  readonly said: string;
}

/** A place for builds that forget all but a cache. */
export interface CacheBench extends BusyboxBench {
  /** Path of a folder that nobody used, not made yet. */
  path(name: string): string;
  /** A new context. */
  context(files?: Readonly<Record<string, string>>): string;
  /** A new reference in a repository of its own. */
  place(): CacheLocation;
  /** Builds on a machine that never built anything, unless `home` is given. `shared` is for all targets. */
  run(
    targets: Readonly<Record<string, Draft>>,
    shared?: Partial<BuildAllOptions & TargetOptions>,
  ): Promise<CacheRun>;
}

export const cacheTo = (location: CacheLocation, more: Partial<CacheTarget> = {}): readonly CacheTarget[] => [
  { location, mode: 'max', mounts: false, ignoreError: false, ...more },
];
export const cacheFrom = (
  location: CacheLocation,
  more: Partial<CacheSource> = {},
): readonly CacheSource[] => [{ location, verify: [], mounts: true, ...more }];

export async function openCacheBench(): Promise<CacheBench> {
  const bench = await openBusyboxBench();
  let count = 0;
  const path = (name: string) => join(bench.scratch, `${name}-${++count}`);
  const context: CacheBench['context'] = (files = {}) => {
    const folder = path('context');
    mkdirSync(folder);
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    return folder;
  };
  const empty = context();
  return {
    ...bench,
    path,
    context,
    place: () => ({
      type: 'registry',
      reference: parseReference(`${bench.host}/cached-${++count}:onebuild-cache`),
    }),
    async run(targets, shared = {}) {
      const plain = testBuildOptions({
        home: path('home'),
        context: { type: 'folder', path: empty },
        registry: bench.registry,
        ...shared,
      });
      const result = await buildAll({
        ...plain,
        targets: Object.entries(targets).map(([name, { text, ...rest }]) => ({
          ...plain,
          dockerfile: { name: 'Dockerfile', text },
          ...rest,
          name,
        })),
      });
      const built = result.targets.map(({ name, images, imageId }): [string, BuiltTarget] => [
        name,
        { digest: images[0]?.digest, imageId },
      ]);
      return { home: plain.home, targets: Object.fromEntries(built), ...readEvents(plain.events) };
    },
  };
}

function readEvents(events: readonly BuildEvent[]): Omit<CacheRun, 'home' | 'targets'> {
  const names = new Map<string, string>();
  const ended = { done: [] as string[], cached: [] as string[] };
  const warnings: string[] = [];
  let report: CacheReport | undefined;
  let said = '';
  for (const event of events) {
    if (event.type === 'step.started')
      names.set(event.step, `${event.target === undefined ? '' : `${event.target}: `}${event.name}`);
    if (event.type === 'warning') warnings.push(`${event.rule}: ${event.message}`);
    if (event.type === 'step.output') said += event.text;
    if (event.type === 'build.finished') report = event.report?.cache;
    if (event.type !== 'step.finished') continue;
    const name = names.get(event.step) ?? '';
    if (!/^(?:[^ ]+: )?(?:RUN|COPY|ADD|WORKDIR)/.test(name)) continue;
    if (event.status === 'done' || event.status === 'cached') ended[event.status].push(name);
  }
  return { ...ended, warnings, report, said };
}

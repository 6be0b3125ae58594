import { runProgram } from '@onebuild/testkit';
import type { BuilderPlace, BuildRequest } from '../peers/builder.ts';
import { onebuildCommand } from '../peers/onebuild.ts';

/** What OneBuild says of the caches of a build; packages/core/src/events.ts has all of it. */
export interface CacheReport {
  readonly savedMs: number;
  readonly restoreMs: number;
  readonly exportMs: number;
  readonly fetchedBytes: number;
  readonly sentBytes: number;
  readonly mounts: readonly {
    readonly size: number;
    readonly fetchedBytes?: number;
    readonly sentBytes?: number;
  }[];
}

/** Builds with OneBuild out of a store at `home`. @returns what its last event says of caches */
export async function buildReported(
  place: BuilderPlace,
  { home, request }: { readonly home: string; readonly request: BuildRequest },
): Promise<CacheReport> {
  const { stdout, stderr } = await runProgram(onebuildCommand(place, { home, progress: 'json' }, request));
  const line = `${stdout}\n${stderr}`.split('\n').find((text) => text.includes('"build.finished"'));
  const event = JSON.parse(line ?? '{}') as { readonly report?: { readonly cache?: CacheReport } };
  if (event.report?.cache === undefined) throw new Error('the build says nothing of caches');
  return event.report.cache;
}

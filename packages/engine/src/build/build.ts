import {
  type BuildFact,
  type BuildReport,
  type ErrorRecord,
  fault,
  isFault,
  type OneBuildError,
  toFault,
} from '@onebuild/core';
import type { BuildAllOptions, BuildAllResult, BuildOptions, BuildResult } from '../build-options.ts';
import { createScheduler } from '../graph/scheduler.ts';
import { nameFullDisk } from '../store/full-disk.ts';
import { openStore, type Store } from '../store/store.ts';
import { createBuildRecorder } from './build-record.ts';
import { checkFolders, hasFolder } from './check-folder.ts';
import { redactFact } from './redact-fact.ts';
import { runBuild } from './run-build.ts';
import { buildReport } from './sharing-report.ts';

/**
 * Builds: reads the Dockerfile, solves the graph, writes the outputs. Tells everything through `options.emit`; the last event is
 * `build.finished`, also when it fails.
 * @throws every code of the catalog that a build can have
 */
export async function build(options: BuildOptions): Promise<BuildResult> {
  const { targets } = await buildAll({ ...options, targets: [{ ...options, name: '' }] });
  return targets[0] ?? { images: [], metadata: {}, imageId: undefined };
}

/**
 * Builds many targets as one: one graph, in which what they have in common is done once, and one publication, in which all tags of all
 * targets move or none. Events are those of one build.
 * @throws as {@link build}; PROJECT_INVALID, TARGET_NOT_FOUND for bindings that lead nowhere or in a circle
 */
export async function buildAll(options: BuildAllOptions): Promise<BuildAllResult> {
  const started = options.clock();
  const recorder = createBuildRecorder(started, options.startedFrom);
  const emit = (fact: BuildFact) => {
    const event = { ...redactFact(fact), time: options.clock() };
    recorder.hear(event);
    options.emit(event);
  };
  const scheduler = createScheduler({
    jobs: options.jobs,
    clock: options.clock,
    emit,
    signal: options.signal,
  });
  const finish = (ok: boolean, { error, report }: { error?: ErrorRecord; report?: BuildReport } = {}) =>
    emit({
      type: 'build.finished',
      ok,
      ms: options.clock() - started,
      ...scheduler.counts(),
      ...(error && { error }),
      ...(report && { report }),
    });
  let store: Awaited<ReturnType<typeof openStore>> | undefined;
  try {
    const { checkOnly, targets } = options;
    if (checkOnly && targets.every(hasFolder)) {
      const checked = checkFolders({ ...options, targets }, emit);
      finish(true);
      return checked;
    }
    store = await openStore(options.home, options.clock);
    const result = await runBuild(options, { store, scheduler, emit, onGraph: recorder.know });
    keepRecord(store, recorder, true);
    finish(true, { report: buildReport(result) });
    return result;
  } catch (error) {
    await scheduler.settled();
    const known = options.signal.aborted
      ? canceled(options.signal, error)
      : toFault(inStore(error, options.home));
    const { code, message, hint, location, details } = known;
    keepRecord(store, recorder, false);
    finish(false, { error: { code, message, hint, details, ...(location && { location }) } });
    throw known;
  } finally {
    await scheduler.settled();
    await store?.close({ exiting: options.exiting === true });
  }
}

/** How the build ended does not hang on its record. */
function keepRecord(
  store: Store | undefined,
  recorder: ReturnType<typeof createBuildRecorder>,
  ok: boolean,
): void {
  try {
    if (store !== undefined) recorder.save(store, ok);
  } catch {
    // a full disk: whoever has to write says so
  }
}

/** Whatever broke off first: the reason of the signal is what the user wants to read; and which tags stand where, if it came between them. */
function canceled({ reason }: AbortSignal, cause: unknown): OneBuildError {
  const message = isFault(reason, 'CANCELED') ? reason.message : 'the build was canceled';
  const known = isFault(cause) ? cause : undefined;
  if (known?.details['moved'] === undefined && known?.details['unknown'] === undefined)
    return fault('CANCELED', message, { cause });
  return fault('CANCELED', `${message}; ${known.message}`, {
    cause,
    hint: known.hint,
    details: known.details,
  });
}

/** Whatever is full and has not been named by now is the store's disk. */
function inStore(error: unknown, path: string): unknown {
  const hint =
    'Run `onebuild store gc`, free space, or name another folder for the store with ONEBUILD_HOME.';
  return nameFullDisk(toFault(error), { what: 'the store', path, hint });
}

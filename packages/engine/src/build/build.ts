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
import { accountOf, cacheReport, createCacheCosts } from '../cache/cache-costs.ts';
import { cacheName } from '../cache/cache-name.ts';
import type { CacheAccount } from '../cache/cache-record.ts';
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
  const { jobs, clock, signal } = options;
  let scheduler = createScheduler({ jobs, clock, emit, signal });
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
    emit({ type: 'build.started', version: options.version });
    const services = {
      store,
      emit,
      onGraph: recorder.know,
      costs: createCacheCosts(),
      distrusted: new Set<string>(),
    };
    const result = await withoutDamage(options, emit, async (again) => {
      if (again) {
        await scheduler.settled();
        scheduler = createScheduler({ jobs, clock, emit, signal, numbered: scheduler.numbered() });
      }
      return runBuild(options, { ...services, scheduler });
    });
    keepRecord(store, recorder, true);
    const cache = usesCaches(options) ? cacheReport(services.costs) : undefined;
    if (cache !== undefined)
      keepAccount(store, accountOf(services.costs, Math.floor(clock() / 1000)), options);
    finish(true, { report: { ...buildReport(result), ...(cache && { cache }) } });
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

/** Does the work; where a cache turns out damaged, once more: that cache is left alone then. */
async function withoutDamage<T>(
  { targets, signal }: BuildAllOptions,
  emit: (fact: BuildFact) => void,
  work: (again: boolean) => Promise<T>,
): Promise<T> {
  for (let again = false; ; again = true) {
    try {
      return await work(again);
    } catch (error) {
      const isOver = signal.aborted || targets.some(({ context }) => context.type === 'stream');
      if (isOver || !isFault(error, 'CACHE_DAMAGED') || error.details['cache'] === undefined) throw error;
      const message = `a cache is left alone, and the build begins again without it: ${error.message}`;
      emit({ type: 'warning', rule: 'CacheDamaged', message });
    }
  }
}

function usesCaches({ targets }: BuildAllOptions): boolean {
  return targets.some(({ cacheFrom = [], cacheTo = [] }) => cacheFrom.length + cacheTo.length > 0);
}

/** For `onebuild cache stats`; nothing hangs on it. */
function keepAccount({ db }: Store, account: CacheAccount, { targets, clock }: BuildAllOptions): void {
  const [first] = targets.flatMap(({ cacheFrom = [], cacheTo = [] }) => [...cacheTo, ...cacheFrom]);
  const ref = first && cacheName(first.location);
  try {
    db.setFact('cache-account', `${clock()}`.padStart(15, '0'), JSON.stringify({ ...account, ref }));
  } catch {
    // a full disk
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

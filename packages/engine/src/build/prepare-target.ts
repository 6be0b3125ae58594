import { type BuildFact, registerSecret } from '@onebuild/core';
import type { Dockerfile } from '@onebuild/dockerfile';
import { hostPlatform, type Platform } from '@onebuild/oci';
import type { BuildOptions, SharedOptions, TargetOptions } from '../build-options.ts';
import { proxyArgs } from '../frontend/platform-args.ts';
import type { Store } from '../store/store.ts';
import type { BuildContexts } from './build-contexts.ts';
import { type LintJob, lintBuild } from './lint-build.ts';
import type { ContextFolder, DockerfileText, OpenContextServices } from './open-context.ts';
import { type BuildTimes, buildTimes } from './times.ts';

/** A target whose context is open and whose Dockerfile is parsed. */
export interface PreparedTarget {
  readonly name: string;
  readonly options: BuildOptions;
  readonly folder: ContextFolder;
  readonly file: DockerfileText;
  readonly dockerfile: Dockerfile;
  readonly times: BuildTimes;
  /** At least one. */
  readonly platforms: readonly Platform[];
  readonly given: ReadonlyMap<string, string>;
  /** Variables that RUN sees and nothing keeps. */
  readonly proxy: Readonly<Record<string, string>>;
  readonly outside: OpenContextServices;
  /** What stages that were read start from, by index. */
  readonly environments: Map<number, ReadonlyMap<string, string>>;
}

export interface PrepareServices {
  readonly store: Store;
  readonly contexts: BuildContexts;
}

export const buildPlatform: Platform = hostPlatform(process.arch);

/** @throws CONTEXT_*, DOCKERFILE_*, IGNORE_PATTERN */
export async function prepareTarget(
  shared: SharedOptions,
  target: TargetOptions,
  { store, contexts }: PrepareServices,
): Promise<PreparedTarget> {
  const options: BuildOptions = { ...shared, ...target };
  const outside = { store, signal: options.signal, proxy: options.proxy, sshAgent: options.ssh['default'] };
  const folder = await contexts.open(options.context, outside);
  const isKnown = typeof options.times === 'number' || options.context.type !== 'folder';
  const commitTime =
    options.commitTime ??
    folder.commitTime ??
    (isKnown || folder.path === undefined ? undefined : await contexts.commitTime(folder.path));
  const times = buildTimes(options.times, { commitTime, now: Math.floor(options.clock() / 1000) });
  const { file, dockerfile } = contexts.dockerfile(folder, options);
  const given = new Map(Object.entries(options.buildArgs));
  const proxy: Record<string, string> = { ...options.proxy };
  for (const name of proxyArgs) {
    const value = given.get(name);
    if (value !== undefined) proxy[name] = value;
  }
  registerProxyPasswords(proxy);
  return {
    name: target.name,
    options,
    folder,
    file,
    dockerfile,
    times,
    platforms: options.platforms.length > 0 ? options.platforms : [buildPlatform],
    given,
    proxy,
    outside,
    environments: new Map(),
  };
}

/** Tells warnings about the Dockerfiles; what several targets have in common is told once. */
export function lintTargets(
  targets: readonly Omit<LintJob, 'emit'>[],
  emit: (fact: BuildFact) => void,
  knownOf: (at: number) => Parameters<typeof lintBuild>[1] = () => ({}),
): void {
  const told = new Set<string>();
  const once = (fact: BuildFact): void => {
    const text = JSON.stringify(fact);
    if (told.has(text)) return;
    told.add(text);
    emit(fact);
  };
  for (const [at, target] of targets.entries()) lintBuild({ ...target, emit: once }, knownOf(at));
}

/** Steps may print them. */
function registerProxyPasswords(proxy: Readonly<Record<string, string>>): void {
  for (const value of Object.values(proxy)) {
    const password = URL.canParse(value) ? new URL(value).password : '';
    registerSecret(password);
    registerSecret(/:\/\/[^/@]*?:([^/@]*)@/.exec(value)?.[1] ?? '');
  }
}

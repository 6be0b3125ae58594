import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isFault } from '@onebuild/core';
import type { SharedOptions, TargetOptions } from '@onebuild/engine';
import type { ProjectRegistry, Target } from '@onebuild/project';
import type { CliContext } from '../../cli-context.ts';
import type { BuildFlags } from './build-flags.ts';
import { type BuildSource, chooseSource } from './choose-source.ts';
import { type BuildRequest, createBuildRequest } from './create-build-request.ts';

/** A command line, understood: all that the engine gets beside the parts that live. */
export interface ResolvedBuild {
  readonly shared: Omit<SharedOptions, 'registry' | 'signal' | 'emit' | 'clock'>;
  readonly targets: readonly ResolvedTarget[];
  /** Registries of the project with addresses or logins of their own. */
  readonly registries: readonly ProjectRegistry[];
  /** An archive goes to standard output. */
  readonly usesStdout: boolean;
  /** False: one Dockerfile of the command line, whose target has no name. */
  readonly isProject: boolean;
  /** To be called when all is done: removes checkouts of `--ref`. */
  close(): Promise<void>;
}

export interface ResolvedTarget {
  readonly options: TargetOptions;
  /** Private keys by id, for which agents have to be started. */
  readonly sshKeys: BuildRequest['sshKeys'];
  /** As the project has it. */
  readonly target?: Target;
  /** What `--ref` named, and its commit. */
  readonly ref?: string;
  readonly commit?: string;
}

export interface ResolveOptions {
  readonly rootless: boolean;
  readonly warn: (message: string, rule?: string) => void;
}

/**
 * Makes of the words and flags of `onebuild build` what the engine understands, be it one Dockerfile or the targets of a project.
 * @throws what {@link createBuildRequest} throws, and the faults of projects
 */
export async function resolveBuild(
  context: CliContext,
  { words, flags }: { readonly words: readonly string[]; readonly flags: BuildFlags },
  options: ResolveOptions,
): Promise<ResolvedBuild> {
  const source = chooseSource(context, words, flags);
  if (source.type === 'project') {
    const { resolveProject } = await import('./resolve-project.ts');
    try {
      const resolved = await resolveProject(context, { source, flags }, options);
      if (resolved !== undefined) return resolved;
    } catch (error) {
      if (!source.isGuess || !(await isFolderAfterAll(error, source, context))) throw error;
    }
  }
  const place = source.type === 'context' ? source.context : (source.names[0] ?? source.folder);
  const request = await createBuildRequest(context, place, flags, options);
  const { sshKeys, usesStdout } = request;
  const { shared, target } = splitRequest(request);
  return {
    shared,
    targets: [{ options: { ...target, name: '' }, sshKeys }],
    registries: [],
    usesStdout,
    isProject: false,
    close: async () => {},
  };
}

/** What of a request holds for all targets of a build, and what for one. */
export function splitRequest(request: BuildRequest): {
  readonly shared: ResolvedBuild['shared'];
  readonly target: Omit<TargetOptions, 'name'>;
} {
  const { home, jobs, sandbox, rootless, proxy, checkOnly, version, ...rest } = request;
  const { sshKeys: _keys, usesStdout: _uses, ...target } = rest;
  return { shared: { home, jobs, sandbox, rootless, proxy, checkOnly, version }, target };
}

/** `onebuild build app` in a folder whose project has no target `app`, and that has a folder of this name. */
async function isFolderAfterAll(
  error: unknown,
  { names }: Extract<BuildSource, { readonly type: 'project' }>,
  { cwd }: CliContext,
): Promise<boolean> {
  const [name, ...more] = names;
  if (name === undefined || more.length > 0 || !isFault(error, 'TARGET_NOT_FOUND')) return false;
  return (await stat(resolve(cwd, name)).catch(() => undefined))?.isDirectory() === true;
}

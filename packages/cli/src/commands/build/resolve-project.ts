import { fault, isFault } from '@onebuild/core';
import {
  checkBinds,
  type Facts,
  mayUseGit,
  parseBind,
  type Selection,
  selectTargets,
  type Target,
} from '@onebuild/project';
import type { CliContext } from '../../cli-context.ts';
import { parseBuildArgs } from '../../flags/parse-pairs.ts';
import { createTargetOptions } from '../../project/create-target-options.ts';
import { describeUnsupported } from '../../project/describe-unsupported.ts';
import { type LoadedProject, loadProject } from '../../project/load-project.ts';
import { readGitFacts } from '../../project/read-git-facts.ts';
import type { BuildFlags } from './build-flags.ts';
import { checkNames } from './check-names.ts';
import type { BuildSource } from './choose-source.ts';
import { nameForTarget } from './name-for-target.ts';
import {
  type ResolvedBuild,
  type ResolvedTarget,
  type ResolveOptions,
  splitRequest,
} from './resolve-build.ts';

type ProjectSource = Extract<BuildSource, { readonly type: 'project' }>;

/**
 * The targets of a project that a command line means, with those that they are bound to.
 * @returns undefined: there is one Dockerfile that needs nothing of this
 * @throws the faults of projects, TARGET_NOT_FOUND, USAGE
 */
export async function resolveProject(
  context: CliContext,
  { source, flags }: { readonly source: ProjectSource; readonly flags: BuildFlags },
  options: ResolveOptions,
): Promise<ResolvedBuild | undefined> {
  const loaded = await load(context, source, flags);
  if (loaded === undefined) return undefined;
  const { project, folder, byConvention } = loaded;
  const selection = select(loaded, source.names);
  const { targets, needed } = selection;
  const all = [...targets, ...needed];
  if (byConvention && source.names.length === 0 && all.length === 1 && source.isGuess) return undefined;
  checkBinds(all);
  const unsupported = loaded.unsupported.filter((found) => all.some(({ name }) => name === found.target));
  for (const line of describeUnsupported(unsupported)) options.warn(line, 'IgnoredSetting');
  checkFlags(flags, targets);
  const facts = await nameFacts(context, folder, flags);
  const told = new Set<string>();
  const warn = (message: string): void => {
    if (!told.has(message)) options.warn(message);
    told.add(message);
  };
  let shared: ResolvedBuild['shared'] | undefined;
  let streams = 0;
  const resolved: ResolvedTarget[] = [];
  for (const target of all) {
    const isPart = needed.includes(target);
    const own = isPart
      ? { ...flags, tag: [], output: [], push: false, load: false }
      : { ...flags, ...nameForTarget(flags, target, { facts, count: targets.length, byConvention }) };
    const { options: made, request } = await createTargetOptions(context, isPart ? asPart(target) : target, {
      folder,
      flags: own,
      rootless: options.rootless,
      warn,
    });
    shared ??= splitRequest(request).shared;
    if (request.usesStdout) streams++;
    resolved.push({
      options: { ...made, ...(isPart && { partOnly: true }) },
      sshKeys: request.sshKeys,
      target,
    });
  }
  if (shared === undefined)
    throw fault('TARGET_NOT_FOUND', 'there is nothing to build', { hint: 'Name a target.' });
  checkNames(resolved.map(({ options: made }) => made));
  return {
    shared,
    targets: resolved,
    registries: project.registries,
    usesStdout: streams > 0,
    isProject: true,
  };
}

async function load(
  context: CliContext,
  { files, folder, isGuess }: ProjectSource,
  flags: BuildFlags,
): Promise<LoadedProject | undefined> {
  try {
    return await loadProject(context, {
      files,
      folder,
      binds: flags.bind.map(parseBind),
      args: parseBuildArgs(flags.buildArg, context.env),
      overrides: flags.set,
    });
  } catch (error) {
    if (isGuess && isFault(error, 'PROJECT_NOT_FOUND')) return undefined;
    throw error;
  }
}

function select({ project }: LoadedProject, names: readonly string[]): Selection {
  if (names.length === 0 && project.defaults.length === 0) {
    const known = [...Object.keys(project.groups), ...project.targets.map(({ name }) => name)];
    throw fault('TARGET_NOT_FOUND', `${project.files.join(', ')} has no target or group "default"`, {
      hint: `Name what to build: onebuild build ${known.slice(0, 8).join(' | ')}.`,
    });
  }
  return selectTargets(project, names);
}

/** A target as far as others need it: nothing of it goes anywhere. */
function asPart(target: Target): Target {
  return { ...target, tags: [], outputs: [] };
}

/** @throws USAGE for flags that mean one image */
function checkFlags(flags: BuildFlags, targets: readonly Target[]): void {
  if (flags.iidfile !== undefined && targets.length > 1)
    throw fault('USAGE', `--iidfile holds one image's id, and there are ${targets.length} targets`, {
      hint: 'Use --metadata-file or --outputs-file, or name one target.',
    });
}

/** `-t 'app:${git.sha6}'` asks for git as a project file does. */
async function nameFacts(context: CliContext, folder: string, { tag, output }: BuildFlags): Promise<Facts> {
  const usesGit = mayUseGit([...tag, ...output].join(' '));
  return { env: context.env, ...(usesGit && { git: await readGitFacts(folder, context) }) };
}

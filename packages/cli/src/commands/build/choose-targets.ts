import { fault, isFault, withFact } from '@onebuild/core';
import { checkBinds, parseBind, type Selection, selectTargets } from '@onebuild/project';
import type { CliContext } from '../../cli-context.ts';
import { parseBuildArgs } from '../../flags/parse-pairs.ts';
import { type LoadedProject, loadProject } from '../../project/load-project.ts';
import type { RefCheckout } from '../../refs/check-out-refs.ts';
import type { BuildFlags } from './build-flags.ts';
import type { BuildSource } from './choose-source.ts';

export type ProjectSource = Extract<BuildSource, { readonly type: 'project' }>;

/** What a command line means of one project, at one commit. */
export interface ChosenTargets {
  readonly loaded: LoadedProject;
  readonly selection: Selection;
  /** Where `--ref` checked the project out; undefined: it is the user's own folder. */
  readonly checkout?: RefCheckout;
  /** The user's own folder, absolute: what the file says of secrets and outputs is from there. */
  readonly ownFolder: string;
}

export interface ChooseOptions {
  readonly source: ProjectSource;
  readonly flags: BuildFlags;
  readonly checkout?: RefCheckout;
  readonly ownFolder?: string;
}

/**
 * Reads a project and finds the targets that are named.
 * @returns undefined: the folder is not a project after all, or has one Dockerfile that needs nothing of this
 * @throws the faults of projects, TARGET_NOT_FOUND, USAGE
 */
export async function chooseTargets(
  context: CliContext,
  { source, flags, checkout, ownFolder }: ChooseOptions,
): Promise<ChosenTargets | undefined> {
  try {
    const loaded = await loadProject(context, {
      files: source.files,
      folder: source.folder,
      binds: flags.bind.map(parseBind),
      args: parseBuildArgs(flags.buildArg, context.env),
      overrides: flags.set,
      ...(checkout !== undefined && { git: checkout.facts, shownFrom: checkout.folder }),
    });
    const selection = select(loaded, source.names);
    const all = [...selection.targets, ...selection.needed];
    const isPlain = loaded.byConvention && source.names.length === 0 && all.length === 1;
    if (isPlain && source.isGuess) return undefined;
    checkBinds(all);
    return {
      loaded,
      selection,
      ...(checkout !== undefined && { checkout }),
      ownFolder: ownFolder ?? loaded.folder,
    };
  } catch (error) {
    if (source.isGuess && isFault(error, 'PROJECT_NOT_FOUND')) return undefined;
    throw checkout === undefined ? error : withFact(error, `--ref ${checkout.ref}`);
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

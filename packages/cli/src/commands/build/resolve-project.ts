import { fault } from '@onebuild/core';
import type { TargetOptions } from '@onebuild/engine';
import { type Facts, mayUseGit, type Target } from '@onebuild/project';
import type { CliContext } from '../../cli-context.ts';
import { createTargetOptions } from '../../project/create-target-options.ts';
import { describeUnsupported } from '../../project/describe-unsupported.ts';
import { readGitFacts } from '../../project/read-git-facts.ts';
import type { BuildFlags } from './build-flags.ts';
import { checkNames } from './check-names.ts';
import { imageName } from './create-build-request.ts';
import { type ChosenTargets, chooseTargets, type ProjectSource } from './choose-targets.ts';
import { nameForTarget } from './name-for-target.ts';
import {
  type ResolvedBuild,
  type ResolvedTarget,
  type ResolveOptions,
  splitRequest,
} from './resolve-build.ts';

interface ProjectCommand {
  readonly source: ProjectSource;
  readonly flags: BuildFlags;
}

/**
 * The targets of a project that a command line means, with those that they are bound to; with `--ref` at each of the commits.
 * @returns undefined: there is one Dockerfile that needs nothing of this
 * @throws the faults of projects, TARGET_NOT_FOUND, USAGE
 */
export async function resolveProject(
  context: CliContext,
  command: ProjectCommand,
  options: ResolveOptions,
): Promise<ResolvedBuild | undefined> {
  if (command.flags.ref.length === 0) {
    const chosen = await chooseTargets(context, command);
    return chosen && (await makeBuild(context, [chosen], { ...options, flags: command.flags }));
  }
  const { resolveRefs } = await import('./resolve-refs.ts');
  const { chosen, close } = await resolveRefs(context, command, options);
  try {
    const build = await makeBuild(context, chosen, { ...options, flags: command.flags });
    return { ...build, close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface MakeOptions extends ResolveOptions {
  readonly flags: BuildFlags;
}

async function makeBuild(
  context: CliContext,
  chosen: readonly ChosenTargets[],
  { flags, warn, rootless }: MakeOptions,
): Promise<ResolvedBuild> {
  const count = chosen.reduce((sum, { selection }) => sum + selection.targets.length, 0);
  checkFlags(flags, count);
  const told = new Set<string>();
  const warnOnce: ResolveOptions['warn'] = (message, rule) => {
    if (!told.has(message)) warn(message, rule);
    told.add(message);
  };
  const made: Made[] = [];
  for (const one of chosen)
    made.push(...(await makeTargets(context, one, { flags, rootless, warn: warnOnce, count })));
  const [first] = made;
  if (first === undefined)
    throw fault('TARGET_NOT_FOUND', 'there is nothing to build', { hint: 'Name a target.' });
  checkNames(made.map(({ resolved: { options } }) => options));
  return {
    shared: first.shared,
    targets: made.map(({ resolved }) => resolved),
    registries: chosen.at(-1)?.loaded.project.registries ?? [],
    usesStdout: made.some(({ usesStdout }) => usesStdout),
    isProject: true,
    close: async () => {},
  };
}

interface Made {
  readonly resolved: ResolvedTarget;
  readonly shared: ResolvedBuild['shared'];
  readonly usesStdout: boolean;
}

async function makeTargets(
  context: CliContext,
  { loaded, selection, checkout, ownFolder }: ChosenTargets,
  { flags, rootless, warn, count }: MakeOptions & { readonly count: number },
): Promise<readonly Made[]> {
  const { folder, byConvention, unsupported } = loaded;
  const all = [...selection.targets, ...selection.needed];
  const ours = unsupported.filter(({ target }) => all.some(({ name }) => name === target));
  for (const line of describeUnsupported(ours)) warn(line, 'IgnoredSetting');
  const facts =
    checkout === undefined
      ? await nameFacts(context, folder, flags)
      : { env: context.env, git: checkout.facts };
  const naming = { facts, count, byConvention, ...(checkout !== undefined && { ref: checkout.ref }) };
  const made: Made[] = [];
  for (const target of all) {
    const isPart = selection.needed.includes(target);
    const own = isPart
      ? { ...flags, tag: [], output: [], push: false, load: false }
      : { ...flags, ...nameForTarget(flags, target, naming) };
    // what has no image shares the cache of what has one
    const image = made.flatMap(
      ({ resolved: { options } }) => imageName(options.tags, options.outputs) ?? [],
    )[0];
    const { options, request } = await createTargetOptions(context, isPart ? asPart(target) : target, {
      folder,
      ownFolder,
      flags: own,
      rootless,
      image,
      warn,
    });
    made.push({
      resolved: {
        options: {
          ...(checkout === undefined ? options : atRef(options, checkout.ref)),
          ...(isPart && { partOnly: true }),
          ...(checkout !== undefined && {
            commitTime: checkout.commitTime,
            origin: `${ownFolder}@${checkout.ref}`,
          }),
        },
        sshKeys: request.sshKeys,
        target,
        ...(checkout !== undefined && { ref: checkout.ref, commit: checkout.sha }),
      },
      shared: splitRequest(request).shared,
      usesStdout: request.usesStdout,
    });
  }
  return made;
}

/** A target as far as others need it: nothing of it goes anywhere. */
function asPart(target: Target): Target {
  return { ...target, tags: [], outputs: [] };
}

/** `helper.standard@v1.2`, bound to targets of the same commit. */
function atRef(options: TargetOptions, ref: string): TargetOptions {
  const buildContexts = Object.fromEntries(
    Object.entries(options.buildContexts).map(([name, source]) => [
      name,
      source.type === 'target' ? { ...source, target: `${source.target}@${ref}` } : source,
    ]),
  );
  return { ...options, name: `${options.name}@${ref}`, buildContexts };
}

/** @throws USAGE for flags that mean one image */
function checkFlags(flags: BuildFlags, count: number): void {
  if (flags.iidfile !== undefined && count > 1)
    throw fault('USAGE', `--iidfile holds one image's id, and there are ${count} targets`, {
      hint: 'Use --metadata-file or --outputs-file, or name one target.',
    });
}

/** `-t 'app:${git.sha6}'` asks for git as a project file does. */
async function nameFacts(context: CliContext, folder: string, { tag, output }: BuildFlags): Promise<Facts> {
  const usesGit = mayUseGit([...tag, ...output].join(' '));
  return { env: context.env, ...(usesGit && { git: await readGitFacts(folder, context) }) };
}

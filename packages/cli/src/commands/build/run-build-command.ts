import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type BuildFact, fault, toFault } from '@onebuild/core';
import type { BuildAllResult, TargetOptions } from '@onebuild/engine';
import type { CliContext } from '../../cli-context.ts';
import { createDisplay } from '../../display/create-display.ts';
import { type ProgressMode, progressModes } from '../../display/display.ts';
import type { SshAgents } from '../../settings/ssh-agents.ts';
import { findStoreHome } from '../../settings/store-home.ts';
import { refusesColours, wantsColours } from '../../settings/wants-colours.ts';
import { findPrivilege, runInUserNamespace } from '../../user-namespace.ts';
import type { BuildFlags } from './build-flags.ts';
import { checkDestinations } from './check-destinations.ts';
import { type ResolvedBuild, resolveBuild } from './resolve-build.ts';

/** `onebuild build`: from flags to an image, shown on the way. */
export async function runBuildCommand(
  context: CliContext,
  words: readonly string[],
  flags: BuildFlags,
): Promise<void> {
  if (flags.call === 'outline' || flags.call === 'targets') {
    const { describeDockerfile } = await import('./describe-dockerfile.ts');
    return await describeDockerfile(context, words[0] ?? '.', flags, flags.call);
  }
  const privilege = findPrivilege(context);
  const checkOnly = flags.check === true || flags.call === 'check';
  if (privilege === 'user' && !checkOnly) {
    const home = findStoreHome(context, flags.home);
    context.exitCode = await runInUserNamespace(context, { ONEBUILD_HOME: home });
    return;
  }
  const early: BuildFact[] = [];
  const warn = (message: string, rule = 'IgnoredFlag'): void => {
    early.push({ type: 'warning', rule, message });
  };
  const resolved = await resolveBuild(
    context,
    { words, flags },
    { rootless: privilege === 'rootless', warn },
  );
  const { result, warnings } = await buildResolved(context, flags, { resolved, early });
  if (!checkOnly) await writeResultFiles(context, flags, { result, resolved });
  if (isQuiet(context, flags) && !resolved.usesStdout) {
    for (const { name, imageId, images } of result.targets) {
      const id = imageId ?? images[0]?.digest;
      if (id !== undefined) context.stdout.write(resolved.isProject ? `${name} ${id}\n` : `${id}\n`);
    }
  }
  if (checkOnly) {
    if (warnings === 0) context.stderr.write('Check complete, no warnings found.\n');
    else context.exitCode = 1;
  }
}

async function buildResolved(
  context: CliContext,
  flags: BuildFlags,
  { resolved, early }: { readonly resolved: ResolvedBuild; readonly early: readonly BuildFact[] },
): Promise<{ result: BuildAllResult; warnings: number }> {
  try {
    if (!resolved.shared.checkOnly) {
      checkDestinations(resolved, flags, context);
      await checkLogins(context, resolved);
    }
    return await runShown(context, flags, { resolved, early });
  } finally {
    await resolved.close();
  }
}

/** A login that the project names and nobody made is told now, not when the build is over. */
async function checkLogins(context: CliContext, { targets, registries }: ResolvedBuild): Promise<void> {
  if (registries.every(({ credential }) => credential === undefined)) return;
  const { checkNamedLogins } = await import('../../settings/check-named-logins.ts');
  const outputs = targets.flatMap(({ options }) => options.outputs);
  const names = outputs.flatMap((output) => (output.type === 'push' ? output.names : []));
  await checkNamedLogins(
    context,
    registries,
    names.map(({ registry }) => registry),
  );
}

/** Builds with a display; the display ends before an error is thrown on. */
async function runShown(
  context: CliContext,
  flags: BuildFlags,
  { resolved, early }: { readonly resolved: ResolvedBuild; readonly early: readonly BuildFact[] },
): Promise<{ result: BuildAllResult; warnings: number }> {
  const { clock, signal } = context;
  const display = createDisplay(chooseProgress(context, flags), {
    target: context.stderr,
    machineTarget: resolved.usesStdout ? context.stderr : context.stdout,
    colours: wantsColours(context.env, context.stderr),
    dumb: context.env['TERM'] === 'dumb',
    outputColours: !refusesColours(context.env),
    clock,
  });
  const started = clock();
  let finished = false;
  let warnings = 0;
  const show = (event: Parameters<typeof display.show>[0]): void => {
    if (event.type === 'build.finished') finished = true;
    if (event.type === 'warning') warnings++;
    display.show(event);
  };
  for (const fact of early) display.show({ time: started, ...fact });
  const { createClient } = await import('../../settings/create-client.ts');
  const registry = await createClient(context, flags, resolved.registries);
  const agents: SshAgents[] = [];
  try {
    const { buildAll } = await import('@onebuild/engine/build');
    const targets = await startAgents(context, resolved, agents);
    const result = await buildAll({
      ...resolved.shared,
      startedFrom: context.cwd,
      targets,
      registry,
      clock,
      signal,
      emit: show,
      exiting: true,
    });
    return { result, warnings };
  } catch (thrown) {
    const error = toFault(thrown);
    if (!finished) {
      const { code, message, hint, location, details } = error;
      const record = { code, message, hint, details, ...(location && { location }) };
      const time = clock();
      display.show({
        type: 'build.finished',
        time,
        ok: false,
        ms: time - started,
        ran: 0,
        cached: 0,
        error: record,
      });
    }
    throw thrown;
  } finally {
    display.end();
    registry.close();
    for (const started of agents) await started.close();
  }
}

/** Targets with the sockets of agents that hold the keys they were given; the agents go to `started`. */
async function startAgents(
  context: CliContext,
  { targets, shared }: ResolvedBuild,
  started: SshAgents[],
): Promise<readonly TargetOptions[]> {
  const withAgents: TargetOptions[] = [];
  for (const { options, sshKeys } of targets) {
    if (shared.checkOnly || Object.keys(sshKeys).length === 0) {
      withAgents.push(options);
      continue;
    }
    const { startSshAgents } = await import('../../settings/ssh-agents.ts');
    const agents = await startSshAgents(sshKeys, context);
    started.push(agents);
    withAgents.push({ ...options, ssh: { ...options.ssh, ...agents.sockets } });
  }
  return withAgents;
}

async function writeResultFiles(
  context: CliContext,
  flags: BuildFlags,
  { result, resolved }: { readonly result: BuildAllResult; readonly resolved: ResolvedBuild },
): Promise<void> {
  const [first] = result.targets;
  if (flags.metadataFile !== undefined) {
    const metadata = resolved.isProject
      ? Object.fromEntries(result.targets.map((target) => [target.name, target.metadata]))
      : first?.metadata;
    await writeWhole(resolve(context.cwd, flags.metadataFile), `${JSON.stringify(metadata, null, 2)}\n`);
  }
  if (flags.iidfile !== undefined && first?.imageId !== undefined) {
    await writeWhole(resolve(context.cwd, flags.iidfile), first.imageId);
  }
  if (flags.outputsFile.length > 0) {
    const { writeOutputsFiles } = await import('../../outputs-file/write-outputs-files.ts');
    const { createOutputsReport } = await import('../../outputs-file/outputs-report.ts');
    const origins = resolved.targets.map(({ options: { name }, target, ref, commit }) => {
      const { app, component, variant, version } = target ?? {};
      return { name, app, component, variant, version, ref, commit };
    });
    await writeOutputsFiles(context, flags.outputsFile, createOutputsReport(result, origins));
  }
}

async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

function isQuiet(context: CliContext, flags: BuildFlags): boolean {
  return chooseProgress(context, flags) === 'quiet';
}

function chooseProgress({ env }: CliContext, flags: BuildFlags): ProgressMode {
  if (flags.quiet === true) return 'quiet';
  const given = flags.progress ?? env['ONEBUILD_PROGRESS'] ?? 'auto';
  const mode = progressModes.find((known) => known === given);
  if (mode === undefined) {
    throw fault('USAGE', `ONEBUILD_PROGRESS: there is no display ${JSON.stringify(given)}`, {
      hint: `Displays are ${progressModes.join(', ')}.`,
    });
  }
  return mode;
}

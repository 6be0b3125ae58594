import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type BuildFact, fault, toFault } from '@onebuild/core';
import type { BuildResult } from '@onebuild/engine';
import type { CliContext } from '../../cli-context.ts';
import { createDisplay } from '../../display/create-display.ts';
import { type ProgressMode, progressModes } from '../../display/display.ts';
import type { SshAgents } from '../../settings/ssh-agents.ts';
import { findStoreHome } from '../../settings/store-home.ts';
import { refusesColours, wantsColours } from '../../settings/wants-colours.ts';
import { findPrivilege, runInUserNamespace } from '../../user-namespace.ts';
import type { BuildFlags } from './build-flags.ts';
import { checkDestinations } from './check-destinations.ts';
import { createBuildRequest } from './create-build-request.ts';

/** `onebuild build`: from flags to an image, shown on the way. */
export async function runBuildCommand(context: CliContext, source: string, flags: BuildFlags): Promise<void> {
  if (flags.call === 'outline' || flags.call === 'targets') {
    const { describeDockerfile } = await import('./describe-dockerfile.ts');
    return await describeDockerfile(context, source, flags, flags.call);
  }
  const privilege = findPrivilege(context);
  const checkOnly = flags.check === true || flags.call === 'check';
  if (privilege === 'user' && !checkOnly) {
    const home = findStoreHome(context, flags.home);
    context.exitCode = await runInUserNamespace(context, { ONEBUILD_HOME: home });
    return;
  }
  const early: BuildFact[] = [];
  const warn = (message: string): void => {
    early.push({ type: 'warning', rule: 'IgnoredFlag', message });
  };
  const request = await createBuildRequest(context, source, flags, {
    rootless: privilege === 'rootless',
    warn,
  });
  if (!checkOnly) checkDestinations(request, flags, context.cwd);
  const { result, warnings } = await runShown(context, flags, request, early);
  await writeResultFiles(context, flags, result);
  const [image] = result.images;
  if (isQuiet(context, flags) && !request.usesStdout) {
    const id = result.imageId ?? image?.digest;
    if (id !== undefined) context.stdout.write(`${id}\n`);
  }
  if (checkOnly) {
    if (warnings === 0) context.stderr.write('Check complete, no warnings found.\n');
    else context.exitCode = 1;
  }
}

/** Builds with a display; the display ends before an error is thrown on. */
async function runShown(
  context: CliContext,
  flags: BuildFlags,
  request: Awaited<ReturnType<typeof createBuildRequest>>,
  early: readonly BuildFact[],
): Promise<{ result: BuildResult; warnings: number }> {
  const { clock, signal } = context;
  const display = createDisplay(chooseProgress(context, flags), {
    target: context.stderr,
    machineTarget: request.usesStdout ? context.stderr : context.stdout,
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
  const registry = await createClient(context, flags);
  let agents: SshAgents | undefined;
  try {
    const { build } = await import('@onebuild/engine/build');
    agents = await startAgents(context, request);
    const ssh = { ...request.ssh, ...agents?.sockets };
    const result = await build({ ...request, ssh, registry, clock, signal, emit: show });
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
    await agents?.close();
  }
}

async function startAgents(
  context: CliContext,
  { sshKeys, checkOnly }: Awaited<ReturnType<typeof createBuildRequest>>,
): Promise<SshAgents | undefined> {
  if (checkOnly || Object.keys(sshKeys).length === 0) return undefined;
  const { startSshAgents } = await import('../../settings/ssh-agents.ts');
  return await startSshAgents(sshKeys, context);
}

async function writeResultFiles(context: CliContext, flags: BuildFlags, result: BuildResult): Promise<void> {
  if (flags.metadataFile !== undefined) {
    const text = `${JSON.stringify(result.metadata, null, 2)}\n`;
    await writeWhole(resolve(context.cwd, flags.metadataFile), text);
  }
  if (flags.iidfile !== undefined && result.imageId !== undefined) {
    await writeWhole(resolve(context.cwd, flags.iidfile), result.imageId);
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

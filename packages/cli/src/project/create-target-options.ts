import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { TargetOptions } from '@onebuild/engine';
import type { Reference } from '@onebuild/oci';
import type { Target } from '@onebuild/project';
import type { CliContext } from '../cli-context.ts';
import type { BuildFlags } from '../commands/build/build-flags.ts';
import { collectCaches } from '../commands/build/collect-caches.ts';
import { type BuildRequest, createBuildRequest, imageName } from '../commands/build/create-build-request.ts';
import { parseBuildContext } from '../flags/parse-context.ts';
import { parseSecret } from '../flags/parse-secret.ts';
import { findCacheAccess } from '../settings/cache-access.ts';
import { mergeTargetFlags } from './merge-target-flags.ts';
import { readTargetDockerfile } from './read-target-dockerfile.ts';

export interface TargetRequest {
  /** What the engine gets for the target. */
  readonly options: TargetOptions;
  /** All that the command line and the target ask for together; what targets share is the same in each. */
  readonly request: BuildRequest;
}

export interface TargetSurroundings {
  /** Absolute: that of the project file; paths of the target are from there. */
  readonly folder: string;
  /** Absolute: where the user keeps the project; secrets and outputs of the file are from there. */
  readonly ownFolder: string;
  /** Flags of the command line: they win, and lists of names are added to. */
  readonly flags: BuildFlags;
  readonly rootless: boolean;
  /** What a cache without a name lies beside, where the target has no image. */
  readonly image?: Reference | undefined;
  readonly warn: (message: string) => void;
}

/**
 * Makes of a target what the engine understands, with the flags of the command line on top.
 * @throws what `createBuildRequest` throws, DOCKERFILE_NOT_FOUND and TEMPLATE_PARAMETER for templates
 */
export async function createTargetOptions(
  context: CliContext,
  target: Target,
  { folder, ownFolder, flags, rootless, image, warn }: TargetSurroundings,
): Promise<TargetRequest> {
  const hasOwnOutputs = flags.output.length > 0;
  // outputs of the command line are where it was typed, all else is where the file is
  const place = hasOwnOutputs ? context.cwd : ownFolder;
  const merged = mergeTargetFlags(target, flags);
  const own = { ...merged, secret: [], buildContext: [], cacheFrom: [], cacheTo: [] };
  const request = await createBuildRequest(
    workingIn(context, place),
    resolveContext(target.context, folder),
    own,
    { rootless, warn },
  );
  const inFolder = workingIn(context, ownFolder);
  const dockerfile = await chooseDockerfile(target, request, folder);
  const options: TargetOptions = {
    ...request,
    name: target.name,
    ...(dockerfile !== undefined && { dockerfile }),
    secrets: Object.fromEntries([
      ...target.secrets.map((text) => parseSecret(text, inFolder)),
      ...flags.secret.map((text) => parseSecret(text, context)),
    ]),
    ...(await collectCaches(
      [
        { ...target, cwd: ownFolder },
        { ...flags, cwd: context.cwd },
      ],
      {
        access: request.checkOnly ? 'none' : findCacheAccess(context, flags.cacheAccess),
        image: imageName(request.tags, request.outputs) ?? image,
        warn,
      },
    )),
    buildContexts: {
      ...Object.fromEntries(
        Object.entries(target.contexts).map(([name, source]) =>
          parseBuildContext(`${name}=${source}`, { cwd: folder }),
        ),
      ),
      ...Object.fromEntries(
        Object.entries(target.binds).map(([name, ref]) => [name, { type: 'target' as const, ...ref }]),
      ),
      ...Object.fromEntries(flags.buildContext.map((text) => parseBuildContext(text, context))),
    },
  };
  return { options, request };
}

/** Not a copy: that would open standard input, of which most builds want nothing. */
function workingIn(context: CliContext, cwd: string): CliContext {
  return Object.create(context, { cwd: { value: cwd, enumerable: true } }) as CliContext;
}

/** Folders become absolute; everything else is no path. */
function resolveContext(context: string, folder: string): string {
  const isPath = context !== '-' && !/^[\w+.-]+:\/\/|^[\w.-]+@[\w.-]+:|^github\.com\//.test(context);
  return isPath ? resolve(folder, context) : context;
}

/** From the context, or absolute where it leads out of it; the text itself where it is rendered or stands in the project file. */
async function chooseDockerfile(
  target: Target,
  { context }: BuildRequest,
  folder: string,
): Promise<TargetOptions['dockerfile']> {
  if (target.template !== undefined || target.dockerfileInline !== undefined) {
    return await readTargetDockerfile(target, folder);
  }
  if (target.dockerfile === undefined || context.type !== 'folder') return target.dockerfile;
  const path = resolve(context.path, target.dockerfile);
  const inside = relative(context.path, path);
  const leadsOut = inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside);
  return leadsOut ? path : inside;
}

import { resolve } from 'node:path';
import { fault, isFault, toFault } from '@onebuild/core';
import type { Target } from '@onebuild/project';
import type { CliContext } from '../../cli-context.ts';
import { type LoadedProject, loadProject } from '../../project/load-project.ts';
import { readTargetDockerfile } from '../../project/read-target-dockerfile.ts';
import { type LintFile, readLintFile } from './lint-file.ts';

/**
 * The Dockerfiles that the project file of a folder (`onebuild.yaml`, bake, compose) builds, each once, with its context and build
 * arguments; templates as they are rendered. What cannot be read is told to `warn`; nothing is found where no file describes a project.
 */
export async function findProjectFiles(
  context: CliContext,
  folder: string,
  warn: (message: string) => void,
): Promise<readonly LintFile[]> {
  const loaded = await load(context, folder, warn);
  const files = new Map<string, LintFile>();
  for (const target of loaded?.project.targets ?? []) {
    if (loaded === undefined || isElsewhere(target.context)) continue;
    try {
      const file = await readTarget(context, target, loaded.folder);
      const key = JSON.stringify([file.path ?? file.name, Buffer.from(file.bytes).toString()]);
      const known = files.get(key) ?? file;
      files.set(key, { ...known, uses: [...(known.uses ?? []), argsOf(context, target)] });
    } catch (error) {
      warn(`${target.name}: its Dockerfile is not looked at: ${toFault(error).message}`);
    }
  }
  return [...files.values()].map((file) => ({ ...file, uses: distinct(file.uses ?? []) }));
}

async function load(
  context: CliContext,
  folder: string,
  warn: (message: string) => void,
): Promise<LoadedProject | undefined> {
  try {
    const options = { files: [], folder, binds: [], args: {}, overrides: [] };
    const loaded = await loadProject(context, options);
    return loaded.byConvention ? undefined : loaded;
  } catch (error) {
    if (isFault(error, 'PROJECT_NOT_FOUND')) return undefined;
    const { message, location } = toFault(error);
    const place = location === undefined ? '' : ` (${location.file}:${location.line})`;
    warn(`the project file is not looked at: ${message}${place}`);
    return undefined;
  }
}

async function readTarget(context: CliContext, target: Target, folder: string): Promise<LintFile> {
  const place = resolve(folder, target.context);
  if (target.dockerfileInline !== undefined) {
    const { name, text } = await readTargetDockerfile(target, folder);
    return { name, bytes: Buffer.from(text), derived: true, context: place };
  }
  const path = resolve(place, target.dockerfile ?? 'Dockerfile');
  try {
    const file = { ...(await readLintFile(path, context.cwd)), context: place };
    if (target.template === undefined) return file;
    const { text } = await readTargetDockerfile(target, folder);
    return { ...file, bytes: Buffer.from(text), derived: true };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw fault('DOCKERFILE_NOT_FOUND', `there is no ${path}`);
  }
}

/** Archives and repositories, and contexts of other targets. */
function isElsewhere(context: string): boolean {
  return context === '-' || /^[a-z][\w+.-]*:|^git@/i.test(context);
}

function argsOf({ env }: CliContext, { args }: Target): Readonly<Record<string, string>> {
  const values = Object.entries(args).map(([name, value]) => [name, value ?? env[name]] as const);
  return Object.fromEntries(values.filter((pair): pair is [string, string] => pair[1] !== undefined));
}

function distinct(
  uses: readonly Readonly<Record<string, string>>[],
): readonly Readonly<Record<string, string>>[] {
  return [...new Map(uses.map((use) => [JSON.stringify(Object.entries(use).sort()), use])).values()];
}

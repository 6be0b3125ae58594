import { readdirSync, readFileSync, statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fault, toFault } from '@onebuild/core';
import { formatPlatform, hostPlatform } from '@onebuild/oci';
import {
  type BindRequest,
  conventionProject,
  type Facts,
  type GitFacts,
  isDockerfileName,
  mayUseGit,
  type Project,
  readBakeFiles,
  readOnebuildFile,
  type TextFile,
  type Unsupported,
} from '@onebuild/project';
import type { CliContext } from '../cli-context.ts';
import { bakeFiles, composeFiles, formOf, projectFiles } from './project-file-names.ts';
import { readGitFacts } from './read-git-facts.ts';

export interface LoadedProject {
  readonly project: Project;
  /** Absolute: that of the file, from which the contexts of targets are. */
  readonly folder: string;
  /** What bake and compose files say and has no effect here. */
  readonly unsupported: readonly Unsupported[];
  /** No file describes it: it is what the Dockerfiles of the folder are called. */
  readonly byConvention: boolean;
}

export interface LoadOptions {
  /** Files that `-f` names, or one folder, from the working folder; none: what the folder has. */
  readonly files: readonly string[];
  /** Where it is looked for; from the working folder. */
  readonly folder: string;
  readonly binds: readonly BindRequest[];
  /** Build arguments of the command line. */
  readonly args: Readonly<Record<string, string>>;
  /** For bake and compose files, as `--set` takes them. */
  readonly overrides: readonly string[];
  /** Facts of the commit, where the folder is a checkout without git; undefined: git is asked. */
  readonly git?: GitFacts;
  /** Absolute: where names of files in messages are from; undefined: the working folder. */
  readonly shownFrom?: string;
}

/** Dockerfiles of a folder that are read to find what they are bound to, at most, and the size of a file in bytes. */
const mostDockerfiles = 200;
const largestFile = 8 * 2 ** 20;

/**
 * Reads what a folder says about its targets: `onebuild.yaml`, else its bake files (with compose files beside them, as bake does), else by
 * convention its Dockerfiles, else its compose files.
 * @throws PROJECT_NOT_FOUND, FILE_ACCESS and the faults of the file
 */
export async function loadProject(context: CliContext, options: LoadOptions): Promise<LoadedProject> {
  if (options.files.length > 0) return await loadNamed(context, options);
  const folder = resolve(context.cwd, options.folder);
  const names = listFiles(folder);
  const chosen = chooseFiles(names);
  if (chosen.length > 0) return await readFiles(context, folder, { ...options, names: chosen });
  const dockerfiles = await Promise.all(
    names
      .filter(isDockerfileName)
      .slice(0, mostDockerfiles)
      .map(async (name) => await readText(join(folder, name), name)),
  );
  const project = conventionProject({ folder: basename(folder), dockerfiles }, { binds: options.binds });
  if (project !== undefined) {
    refuseOverrides(options.overrides);
    return { project, folder, unsupported: [], byConvention: true };
  }
  throw fault('PROJECT_NOT_FOUND', `${folder} has neither ${projectFiles[0]} nor a Dockerfile`);
}

/** The files themselves, or what a folder has. Contexts are from the folder of the first file, as in bake. */
async function loadNamed(context: CliContext, options: LoadOptions): Promise<LoadedProject> {
  const [first = '', ...more] = options.files;
  const path = resolve(context.cwd, first);
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() === true && more.length === 0)
    return await loadProject(context, { ...options, files: [], folder: path });
  const names: string[] = [];
  for (const file of options.files) {
    const isFile = (await stat(resolve(context.cwd, file)).catch(() => undefined))?.isFile() === true;
    if (!isFile)
      throw fault(
        'PROJECT_NOT_FOUND',
        `${JSON.stringify(file)} is ${found === undefined ? 'not there' : 'no project file'}`,
      );
    names.push(relative(dirname(path), resolve(context.cwd, file)));
  }
  const own = names.find((name) => formOf(name) === 'onebuild');
  if (own !== undefined && names.length > 1)
    throw fault('USAGE', `${own} stands alone, and -f names ${names.length} files`, {
      hint: 'Several files are for bake and compose; groups, several components and apps fit into one file of ours.',
    });
  return await readFiles(context, dirname(path), { ...options, names });
}

/** Which files of a folder count; none: its Dockerfiles do. */
function chooseFiles(names: readonly string[]): readonly string[] {
  const own = projectFiles.find((name) => names.includes(name));
  if (own !== undefined) return [own];
  const bake = bakeFiles.filter((name) => names.includes(name));
  const compose = composeFiles.filter((name) => names.includes(name));
  if (bake.length > 0) return [...compose, ...bake];
  return names.some(isDockerfileName) ? [] : compose;
}

async function readFiles(
  context: CliContext,
  folder: string,
  { names, binds, args, overrides, git, shownFrom }: LoadOptions & { readonly names: readonly string[] },
): Promise<LoadedProject> {
  if (binds.length > 0) {
    throw fault('USAGE', '--bind is for folders without a project file', {
      hint: `Write \`bind:\` in ${names[0] ?? projectFiles[0]}.`,
    });
  }
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      return await readText(path, relative(shownFrom ?? context.cwd, path));
    }),
  );
  const [first] = files;
  if (first === undefined || formOf(first.name) !== 'onebuild') {
    return {
      ...(await readForeign(context, folder, { files, args, overrides })),
      folder,
      byConvention: false,
    };
  }
  refuseOverrides(overrides);
  const facts: Facts = {
    env: context.env,
    args,
    ...(mayUseGit(first.text) && { git: git ?? (await readGitFacts(folder, context)) }),
  };
  return { project: readOnebuildFile(first, facts), folder, unsupported: [], byConvention: false };
}

/** Bake and compose files. Build arguments of the command line win, as with our own file. */
async function readForeign(
  context: CliContext,
  folder: string,
  {
    files,
    args,
    overrides,
  }: Pick<LoadOptions, 'args' | 'overrides'> & { readonly files: readonly TextFile[] },
): Promise<Omit<LoadedProject, 'folder' | 'byConvention'>> {
  const usesEnvFile = files.some(({ name }) => formOf(name) === 'compose');
  const envFile = usesEnvFile ? await readEnvFile(folder) : undefined;
  const { project, unsupported } = readBakeFiles(files, {
    facts: {
      env: context.env,
      now: context.clock(),
      home: context.env['HOME'] ?? '/',
      platform: formatPlatform(hostPlatform(process.arch)),
    },
    ...(envFile !== undefined && { envFile }),
    overrides,
  });
  const targets = project.targets.map((target) => ({ ...target, args: { ...target.args, ...args } }));
  return { project: { ...project, targets }, unsupported };
}

function refuseOverrides([override]: readonly string[]): void {
  if (override === undefined) return;
  throw fault('USAGE', `--set ${override}: it is for bake and compose files`, {
    hint: 'Use the flags of the command, --build-arg or --platform for example.',
  });
}

async function readEnvFile(folder: string): Promise<TextFile | undefined> {
  try {
    return await readText(join(folder, '.env'), '.env');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function listFiles(folder: string): readonly string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw fault('CONTEXT_NOT_FOUND', `the folder ${JSON.stringify(folder)} is not there`);
    }
    throw toFault(error);
  }
}

async function readText(path: string, name: string): Promise<TextFile> {
  const found = statSync(path);
  const { size } = found;
  if (size > largestFile) throw fault('PROJECT_PARSE', `${name} is larger than ${largestFile / 2 ** 20} MiB`);
  // a pipe keeps its reader waiting, and the process has to hear signals meanwhile
  return { name, text: found.isFile() ? readFileSync(path, 'utf8') : await readFile(path, 'utf8') };
}

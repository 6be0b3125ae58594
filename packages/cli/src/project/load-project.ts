import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fault, toFault } from '@onebuild/core';
import {
  type BindRequest,
  conventionProject,
  type Facts,
  isDockerfileName,
  mayUseGit,
  type Project,
  readOnebuildFile,
  type TextFile,
} from '@onebuild/project';
import type { CliContext } from '../cli-context.ts';
import { readGitFacts } from './read-git-facts.ts';

export interface LoadedProject {
  readonly project: Project;
  /** Absolute: that of the file, from which the contexts of targets are. */
  readonly folder: string;
}

export interface LoadOptions {
  /** The file that `-f` names, from the working folder; undefined: what the folder has. */
  readonly file: string | undefined;
  /** Where it is looked for; from the working folder. */
  readonly folder: string;
  readonly binds: readonly BindRequest[];
  /** Build arguments of the command line. */
  readonly args: Readonly<Record<string, string>>;
}

/** Names that are looked for, the first one counts; behind them the convention. */
export const projectFiles = ['onebuild.yaml', 'onebuild.yml'] as const;

/** Dockerfiles of a folder that are read to find what they are bound to, at most, and their size in bytes. */
const mostDockerfiles = 200;
const largestFile = 8 * 2 ** 20;

/**
 * Reads what a folder says about its targets: its project file, or by convention its Dockerfiles.
 * @throws PROJECT_NOT_FOUND, FILE_ACCESS and the faults of the file
 */
export async function loadProject(context: CliContext, options: LoadOptions): Promise<LoadedProject> {
  const folder = resolve(context.cwd, options.folder);
  if (options.file !== undefined) {
    const path = await chooseFile(resolve(context.cwd, options.file), options.file);
    return { project: await readProjectFile(context, path, options), folder: dirname(path) };
  }
  const names = await listFiles(folder);
  const found = projectFiles.find((name) => names.includes(name));
  if (found !== undefined) {
    return { project: await readProjectFile(context, join(folder, found), options), folder };
  }
  const dockerfiles = await Promise.all(
    names
      .filter(isDockerfileName)
      .slice(0, mostDockerfiles)
      .map(async (name) => await readText(join(folder, name), name)),
  );
  const project = conventionProject({ folder: basename(folder), dockerfiles }, { binds: options.binds });
  if (project !== undefined) return { project, folder };
  throw fault('PROJECT_NOT_FOUND', `${folder} has neither ${projectFiles[0]} nor a Dockerfile`);
}

async function readProjectFile(context: CliContext, path: string, options: LoadOptions): Promise<Project> {
  if (options.binds.length > 0) {
    throw fault('USAGE', '--bind is for folders without a project file', {
      hint: `Write \`bind:\` in ${basename(path)}.`,
    });
  }
  const file = await readText(path, relative(context.cwd, path) || path);
  const facts: Facts = {
    env: context.env,
    args: options.args,
    ...(mayUseGit(file.text) && { git: await readGitFacts(dirname(path), context) }),
  };
  return readOnebuildFile(file, facts);
}

/** The file itself, or that of the folder. */
async function chooseFile(path: string, written: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) return path;
  if (found?.isDirectory()) {
    const names = await listFiles(path);
    const name = projectFiles.find((one) => names.includes(one));
    if (name !== undefined) return join(path, name);
  }
  throw fault(
    'PROJECT_NOT_FOUND',
    `${JSON.stringify(written)} is ${found === undefined ? 'not there' : 'no project file'}`,
  );
}

async function listFiles(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
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
  const { size } = await stat(path);
  if (size > largestFile) throw fault('PROJECT_PARSE', `${name} is larger than ${largestFile / 2 ** 20} MiB`);
  return { name, text: await readFile(path, 'utf8') };
}

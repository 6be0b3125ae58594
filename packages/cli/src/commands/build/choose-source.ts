import { readdirSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fault } from '@onebuild/core';
import type { CliContext } from '../../cli-context.ts';
import {
  bakeFiles,
  composeFiles,
  isProjectFileName,
  projectFiles,
} from '../../project/project-file-names.ts';
import type { BuildFlags } from './build-flags.ts';

/** What a command line builds. */
export type BuildSource =
  /** One Dockerfile, as `docker build` takes it. */
  | { readonly type: 'context'; readonly context: string }
  /** Targets of a project. */
  | {
      readonly type: 'project';
      /** From the working folder; none: what `folder` has. */
      readonly files: readonly string[];
      readonly folder: string;
      readonly names: readonly string[];
      /** Words that may be the name of a folder, too, should the project have no target of that name. */
      readonly isGuess: boolean;
    };

/**
 * Tells contexts from names of targets. `-f` with a project file, `--ref` and `--bind` mean a project; so does no word at all, or a folder
 * with a `onebuild.yaml`. Any other folder, URL or `-` is a context; other words are names of targets where the working folder is a project.
 * @throws USAGE
 */
export function chooseSource(
  { cwd }: Pick<CliContext, 'cwd'>,
  words: readonly string[],
  flags: Pick<BuildFlags, 'file' | 'ref' | 'bind'>,
): BuildSource {
  const [first] = words;
  const project = { type: 'project', files: [], folder: '.', names: words, isGuess: false } as const;
  const file = flags.file.at(-1);
  if (file !== undefined && isProjectFile(resolve(cwd, file), file)) return { ...project, files: flags.file };
  const asksForProject = flags.ref.length > 0 || flags.bind.length > 0;
  if (file !== undefined) {
    if (asksForProject)
      throw fault('USAGE', `--ref and --bind are for projects, and -f ${file} is a Dockerfile`, {
        hint: 'Leave -f out, or name the project file with it.',
      });
    return { type: 'context', context: onlyContext(words) };
  }
  if (first !== undefined && isPlace(first)) {
    const names = listNames(resolve(cwd, first));
    const isProject = asksForProject || projectFiles.some((name) => names.includes(name));
    const context = onlyContext(words);
    return isProject ? { ...project, folder: context, names: [] } : { type: 'context', context };
  }
  if (asksForProject) return project;
  if (!mayHoldProject(listNames(cwd))) return { type: 'context', context: onlyContext(words) };
  return { ...project, isGuess: true };
}

/** Whether the word can only be a folder, a URL or standard input. */
function isPlace(word: string): boolean {
  return word === '-' || word === '.' || word === '..' || /[/\\]|^[\w.-]+@[\w.-]+:/.test(word);
}

function isProjectFile(path: string, name: string): boolean {
  if (isProjectFileName(name)) return true;
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** More than a `Dockerfile`. */
function mayHoldProject(names: readonly string[]): boolean {
  const files: readonly string[] = [...projectFiles, ...bakeFiles, ...composeFiles];
  return names.some((name) => files.includes(name) || name.startsWith('Dockerfile.'));
}

function listNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function onlyContext([context = '.', ...more]: readonly string[]): string {
  if (more.length === 0) return context;
  throw fault('USAGE', `there is one context for a Dockerfile, and these are ${more.length + 1}`, {
    hint: 'Several words are names of targets, in a folder with onebuild.yaml, a bake file or Dockerfile.<variant> files.',
  });
}

import { lstat, readFile, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fault } from '@onebuild/core';
import {
  conventionProject,
  createStarter,
  findLanguage,
  isDockerfileName,
  languages,
  type Project,
} from '@onebuild/project';
import type { CliContext } from '../../cli-context.ts';
import type { InitFlags } from './define-init.ts';
import { listFolder } from './list-folder.ts';

/** Characters of a file that parameters are made from, at most. */
const longestRead = 2 ** 20;

/**
 * `onebuild init`
 * @throws USAGE, CONTEXT_NOT_FOUND, DOCKERFILE_NOT_FOUND where nothing says what the folder is written in
 */
export async function runInit(context: CliContext, written: string, flags: InitFlags): Promise<void> {
  const folder = resolve(context.cwd, written);
  const files = await listFolder(folder);
  const name = chooseName(flags.name, basename(folder));
  const existing = await readExisting(folder, name, files);
  const texts = await readTexts(folder, files);
  const starter = createStarter({ name, files, text: (file) => texts.get(file) ?? '' }, existing);
  if (starter === undefined) {
    throw fault('DOCKERFILE_NOT_FOUND', `nothing in ${folder} says what it is written in`, {
      hint: `Looked for a Dockerfile and ${languages.map(({ signs }) => signs.join(', ')).join(', ')}. Write a Dockerfile, or run it in the folder that has one of these.`,
    });
  }
  for (const [file, text] of Object.entries(starter.files)) {
    const isThere = await exists(join(folder, file));
    if (!isThere || flags.force) await writeFile(join(folder, file), text, { flag: isThere ? 'w' : 'wx' });
    const what = isThere ? (flags.force ? 'written over' : 'kept: it is there') : 'written';
    context.stdout.write(`${file.padEnd(14)} ${what}\n`);
  }
  const inFolder = written === '.' ? '' : ` -f ${written}`;
  if (starter.language !== undefined)
    context.stdout.write(`\nThe Dockerfile is for ${starter.language}: read it through.\n`);
  for (const line of starter.advice) context.stdout.write(`- ${line}\n`);
  context.stdout.write(`\nNext: onebuild config${inFolder}, then onebuild build${inFolder}\n`);
}

/** @throws USAGE for a name that images cannot have */
function chooseName(flag: string | undefined, folder: string): string {
  if (flag !== undefined) {
    if (/^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*$/.test(flag) && flag.length <= 100) return flag;
    throw fault('USAGE', `--name ${JSON.stringify(flag)} cannot be the name of an image`, {
      hint: 'Use small letters and digits, with single dots, - or _ between them.',
    });
  }
  const name = folder
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 100);
  return name === '' ? 'app' : name;
}

async function readExisting(
  folder: string,
  name: string,
  files: ReadonlySet<string>,
): Promise<Project | undefined> {
  const dockerfiles = await Promise.all(
    [...files].filter(isDockerfileName).map(async (file) => ({ name: file, text: await read(folder, file) })),
  );
  return conventionProject({ folder: name, dockerfiles });
}

async function readTexts(folder: string, files: ReadonlySet<string>): Promise<ReadonlyMap<string, string>> {
  const wanted = findLanguage(files)?.reads.filter((file) => files.has(file)) ?? [];
  return new Map(await Promise.all(wanted.map(async (file) => [file, await read(folder, file)] as const)));
}

async function read(folder: string, file: string): Promise<string> {
  return (await readFile(join(folder, file), 'utf8')).slice(0, longestRead);
}

async function exists(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    () => false,
  );
}

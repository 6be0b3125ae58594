import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fault } from '@onebuild/core';
import { renderTemplate, type Target, type TextFile } from '@onebuild/project';

/**
 * The Dockerfile of a target whose context is a folder, as it is parsed: with the parameters of its template put in.
 * @param folder - absolute: that of the project file
 * @throws DOCKERFILE_NOT_FOUND, TEMPLATE_PARAMETER, USAGE for contexts that are no folders
 */
export async function readTargetDockerfile(target: Target, folder: string): Promise<TextFile> {
  const file = await readWritten(target, folder);
  if (target.template === undefined) return file;
  return { name: file.name, text: renderTemplate(file, target.template) };
}

async function readWritten(target: Target, folder: string): Promise<TextFile> {
  const { context, dockerfile = 'Dockerfile', dockerfileInline } = target;
  if (dockerfileInline !== undefined) return { name: `Dockerfile of ${target.name}`, text: dockerfileInline };
  if (/^[a-z][a-z0-9+.-]*:\/\/|^git@/i.test(context)) {
    throw fault(
      'USAGE',
      `the Dockerfile of ${target.name} is not on this machine: its context is ${context}`,
    );
  }
  const path = resolve(folder, context, dockerfile);
  try {
    return { name: dockerfile, text: await readFile(path, 'utf8') };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw fault(
      'DOCKERFILE_NOT_FOUND',
      `${target.name}: there is no ${dockerfile} in ${resolve(folder, context)}`,
      {
        location: target.location,
      },
    );
  }
}

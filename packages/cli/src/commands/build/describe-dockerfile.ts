import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fault } from '@onebuild/core';
import { type Dockerfile, parseDockerfile, type Stage } from '@onebuild/dockerfile';
import type { CliContext } from '../../cli-context.ts';
import { renderTable } from '../../display/render-table.ts';
import { parseContext } from '../../flags/parse-context.ts';
import { readAll } from '../../read-all.ts';
import type { BuildFlags } from './build-flags.ts';
import { findDockerfile, largestDockerfile } from './find-dockerfile.ts';

/**
 * `--call=targets`: the stages that can be built. `--call=outline`: the arguments, secrets and SSH agents that the
 * target takes.
 * @throws USAGE for contexts that are neither folders nor a Dockerfile on standard input
 */
export async function describeDockerfile(
  context: CliContext,
  source: string,
  flags: BuildFlags,
  what: 'outline' | 'targets',
): Promise<void> {
  const dockerfile = await readDockerfile(context, source, flags);
  const text = what === 'targets' ? renderTargets(dockerfile) : renderOutline(dockerfile, flags.target);
  context.stdout.write(`${text.join('\n')}\n`);
}

async function readDockerfile(context: CliContext, source: string, flags: BuildFlags): Promise<Dockerfile> {
  const folder = parseContext(source, context);
  if (folder.type === 'stream' && flags.file.length === 0) {
    const bytes = await readAll(context.stdin, largestDockerfile, 'The Dockerfile on standard input');
    return parseDockerfile(bytes, { name: 'Dockerfile' });
  }
  if (folder.type !== 'folder') {
    throw fault('USAGE', `--call=${flags.call} reads no Dockerfile out of a git repository or an archive`, {
      hint: 'Get it first and name the folder; or pipe the Dockerfile alone into it: - < Dockerfile.',
    });
  }
  const found = (await findDockerfile(flags.file.at(-1), folder, context)) ?? 'Dockerfile';
  if (typeof found === 'object') return parseDockerfile(found.text, { name: found.name });
  try {
    return parseDockerfile(await readFile(resolve(folder.path, found)), { name: found });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw fault('DOCKERFILE_NOT_FOUND', `there is no ${found} in ${folder.path}`);
  }
}

function renderTargets({ stages }: Dockerfile): string[] {
  const rows = stages.map((stage) => [
    `${nameOf(stage)}${stage.index === stages.length - 1 ? ' (default)' : ''}`,
    stage.base,
    stage.from.comments.join(' '),
  ]);
  return renderTable(['TARGET', 'BASE', 'DESCRIPTION'], rows);
}

function renderOutline(dockerfile: Dockerfile, target: string | undefined): string[] {
  const stages = stagesOf(dockerfile, target);
  const lines = [`TARGET  ${stages[0] === undefined ? '' : nameOf(stages[0])}`];
  const args = new Map<string, string>();
  const secrets = new Set<string>();
  const agents = new Set<string>();
  const takeArgs = (instruction: Dockerfile['metaArgs'][number]): void => {
    for (const { name, value } of instruction.args)
      if (value !== undefined || !args.has(name)) args.set(name, value ?? '');
  };
  for (const instruction of dockerfile.metaArgs) takeArgs(instruction);
  for (const instruction of stages.flatMap((stage) => stage.instructions)) {
    if (instruction.kind === 'ARG') takeArgs(instruction);
    if (instruction.kind !== 'RUN') continue;
    for (const mount of instruction.mounts) {
      if (mount.type === 'secret') secrets.add(mount.id);
      if (mount.type === 'ssh') agents.add(mount.id);
    }
  }
  if (args.size > 0) lines.push('', ...renderTable(['BUILD ARG', 'DEFAULT'], [...args]));
  if (secrets.size > 0)
    lines.push(
      '',
      ...renderTable(
        ['SECRET'],
        [...secrets].map((id) => [id]),
      ),
    );
  if (agents.size > 0)
    lines.push(
      '',
      ...renderTable(
        ['SSH'],
        [...agents].map((id) => [id]),
      ),
    );
  return lines;
}

/** The target and every stage that it stands on or copies from. */
function stagesOf({ stages }: Dockerfile, target: string | undefined): readonly Stage[] {
  const find = (name: string, below = stages.length): Stage | undefined =>
    stages.findLast(
      (stage) => stage.index < below && (stage.name === name.toLowerCase() || String(stage.index) === name),
    );
  const start =
    target === undefined ? stages.at(-1) : stages.findLast((stage) => stage.name === target.toLowerCase());
  if (start === undefined) throw fault('DOCKERFILE_STAGE', `there is no stage ${JSON.stringify(target)}`);
  const needed = new Set<Stage>();
  const visit = (stage: Stage | undefined): void => {
    if (stage === undefined || needed.has(stage)) return;
    needed.add(stage);
    visit(find(stage.base, stage.index));
    for (const instruction of stage.instructions) {
      if (instruction.kind === 'COPY' && instruction.from !== undefined)
        visit(find(instruction.from, stage.index));
      if (instruction.kind !== 'RUN') continue;
      for (const mount of instruction.mounts) {
        if ((mount.type === 'bind' || mount.type === 'cache') && mount.from !== undefined)
          visit(find(mount.from, stage.index));
      }
    }
  };
  visit(start);
  return [...needed];
}

function nameOf(stage: Stage): string {
  return stage.from.writtenName ?? stage.name ?? String(stage.index);
}

import { fault } from '@onebuild/core';
import { describeProject, parseBind, renderJsonSchema, renderYaml, selectTargets } from '@onebuild/project';
import type { CliContext } from '../../cli-context.ts';
import { parseBuildArgs } from '../../flags/parse-pairs.ts';
import { describeUnsupported } from '../../project/describe-unsupported.ts';
import { loadProject } from '../../project/load-project.ts';
import { readTargetDockerfile } from '../../project/read-target-dockerfile.ts';
import type { ConfigFlags } from './define-config.ts';

/** `onebuild config` */
export async function runConfig(
  context: CliContext,
  names: readonly string[],
  flags: ConfigFlags,
): Promise<void> {
  if (flags.schema === true) {
    context.stdout.write(renderJsonSchema());
    return;
  }
  if (flags.dockerfile !== undefined && names.length > 0) {
    throw fault('USAGE', '--dockerfile prints the Dockerfile of one target, and no others');
  }
  const { project, folder, unsupported } = await loadProject(context, {
    files: flags.file,
    folder: '.',
    binds: flags.bind.map(parseBind),
    args: parseBuildArgs(flags.buildArg, context.env),
    overrides: flags.set,
  });
  if (flags.dockerfile !== undefined) {
    const [target, ...others] = selectTargets(project, [flags.dockerfile]).targets;
    if (target === undefined || others.length > 0) {
      throw fault('USAGE', `--dockerfile: ${flags.dockerfile} stands for several targets`, {
        hint: `Name one: ${[target, ...others].map((one) => one?.name).join(', ')}.`,
      });
    }
    const { text } = await readTargetDockerfile(target, folder);
    context.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
    return;
  }
  for (const line of describeUnsupported(unsupported)) context.stderr.write(`warning: ${line}\n`);
  const described = describeProject(project, selectTargets(project, names));
  context.stdout.write(
    flags.format === 'json' ? `${JSON.stringify(described, null, 2)}\n` : renderYaml(described),
  );
}

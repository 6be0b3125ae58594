import type { Dockerfile } from '../dockerfile.ts';
import { isChecked, readCheckConfig } from './check-config.ts';
import type { LintWarning } from './lint-dockerfile.ts';

/** A Dockerfile with the folder it lies in. */
export interface PlacedDockerfile {
  readonly folder: string;
  readonly dockerfile: Dockerfile;
}

/** Fewer instructions than this are equal by chance. */
const fewest = 3;

/** Checks of several Dockerfiles together: those of one folder that differ only in values. Each but the first of them gets a warning. */
export function lintTogether(files: readonly PlacedDockerfile[]): readonly LintWarning[] {
  const groups = Map.groupBy(files, ({ folder, dockerfile }) => `${folder}\0${outline(dockerfile)}`);
  return [...groups.values()].flatMap(([first, ...others]) =>
    others.flatMap(({ dockerfile }): LintWarning[] => {
      if (first === undefined || count(dockerfile) < fewest) return [];
      if (!isChecked(readCheckConfig(dockerfile), 'EnvironmentDockerfiles')) return [];
      const line = dockerfile.stages[0]?.location.line ?? 1;
      return [
        {
          rule: 'EnvironmentDockerfiles',
          message: `It differs from ${first.dockerfile.name} only in values of ARG, ENV and LABEL, or not at all`,
          location: { file: dockerfile.name, line },
        },
      ];
    }),
  );
}

function count({ stages }: Dockerfile): number {
  return stages.reduce((sum, { instructions }) => sum + 1 + instructions.length, 0);
}

/** Everything that is not ARG, ENV or LABEL, with heredoc bodies. */
function outline({ stages }: Dockerfile): string {
  const lines = stages.flatMap(({ from, instructions }) => [
    from.original,
    ...instructions
      .filter(({ kind }) => kind !== 'ARG' && kind !== 'ENV' && kind !== 'LABEL')
      .flatMap((instruction) => [instruction.original, ...bodies(instruction)]),
  ]);
  return JSON.stringify(lines.map((line) => line.replace(/\s+/g, ' ').trim()));
}

function bodies(instruction: Dockerfile['stages'][number]['instructions'][number]): readonly string[] {
  if (instruction.kind === 'RUN') return instruction.heredocs.map(({ content }) => content);
  if (instruction.kind === 'COPY' || instruction.kind === 'ADD')
    return instruction.inlineSources.map(({ content }) => content);
  return [];
}

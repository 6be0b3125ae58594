import type { AddInstruction, CopyInstruction } from '../instructions/instruction.ts';
import type { Report } from './lint-dockerfile.ts';
import { installsDependencies, readPackageCall } from './read-install.ts';
import type { StageView } from './stage-view.ts';

/** COPY of everything before the steps that take long and do not need it. */
export function checkOrder(views: readonly StageView[], report: Report): void {
  for (const { stage, runs } of views) {
    const index = stage.instructions.findIndex((instruction) => copiesAll(instruction));
    const copy = stage.instructions[index];
    if (copy === undefined) continue;
    const early = new Set(
      runs
        .filter((run) => run.index < index)
        .flatMap(({ commands }) => commands.map((c) => readPackageCall(c)?.manager)),
    );
    const calls = runs
      .filter((run) => run.index > index && run.instruction.mounts.length === 0)
      .flatMap(({ commands, instruction }) =>
        commands.map((command) => ({ call: readPackageCall(command), instruction })),
      );
    const late = calls.find(
      ({ call }) => call !== undefined && installsDependencies(call) && !early.has(call.manager),
    );
    if (late?.call === undefined) continue;
    const { manager, verb } = late.call;
    report(
      'CopyBeforeInstall',
      `Every change of a file runs '${`${manager} ${verb}`.trim()}' on line ${late.instruction.location.line} again`,
      copy,
    );
  }
}

function copiesAll(instruction: { readonly kind: string }): instruction is CopyInstruction | AddInstruction {
  if (instruction.kind !== 'COPY' && instruction.kind !== 'ADD') return false;
  const copy = instruction as CopyInstruction;
  return copy.from === undefined && copy.sources.some((source) => /^(?:\.\/?|\/|\.\/\*|\*)$/.test(source));
}

import type { AddInstruction, CopyInstruction, Instruction } from '../instructions/instruction.ts';
import type { Report } from './lint-dockerfile.ts';
import { installsDependencies, readPackageCall } from './read-install.ts';
import type { StageView } from './stage-view.ts';

/** COPY of what changes often before the steps that take long and do not need it. */
export function checkOrder(views: readonly StageView[], report: Report): void {
  for (const view of views) if (!reportSources(view, report)) reportBuilt(view, report);
}

/** COPY of everything before dependencies are fetched. Tells whether there was something to say. */
function reportSources({ stage, runs }: StageView, report: Report): boolean {
  const index = stage.instructions.findIndex((instruction) => copiesAll(instruction));
  const copy = stage.instructions[index];
  if (copy === undefined) return false;
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
  if (late?.call === undefined) return false;
  const { manager, verb } = late.call;
  report(
    'CopyBeforeInstall',
    `Every change of a file runs '${`${manager} ${verb}`.trim()}' on line ${late.instruction.location.line} again`,
    copy,
  );
  return true;
}

/** Managers of the system's packages: what they install does not hang on the files of the application. */
const systemManagers = new Set(['apt-get', 'apt', 'aptitude', 'yum', 'dnf', 'zypper', 'apk']);

/** COPY of what another stage has built, or of a folder of the context, before packages of the system are installed. */
function reportBuilt({ stage, runs }: StageView, report: Report): void {
  const calls = runs.flatMap(({ index, instruction, commands }) =>
    commands.flatMap((command) => {
      const call = readPackageCall(command);
      const isInstall =
        call !== undefined && systemManagers.has(call.manager) && /^(?:install|add)$/.test(call.verb);
      return isInstall
        ? [
            {
              index,
              instruction,
              call,
              words: commands.flatMap(({ words }) => words.map(({ text }) => text)),
            },
          ]
        : [];
    }),
  );
  const [first] = calls;
  if (first === undefined) return;
  const copy = stage.instructions
    .slice(0, first.index)
    .find((instruction) => isFastChanging(instruction, first.words));
  if (copy === undefined) return;
  const { manager, verb } = first.call;
  report(
    'CopyBeforeInstall',
    `Every change of these files runs '${manager} ${verb}' on line ${first.instruction.location.line} again`,
    copy,
  );
}

/** Of another stage, or a folder; not what the command names, and no settings of the system. */
function isFastChanging(instruction: Instruction, words: readonly string[]): instruction is CopyInstruction {
  if (instruction.kind !== 'COPY') return false;
  const { from, sources, dest } = instruction;
  const isBuilt = from !== undefined && !from.includes('/');
  const isFolder = from === undefined && sources.some((source) => source.endsWith('/'));
  if ((!isBuilt && !isFolder) || dest.startsWith('/etc')) return false;
  const names = [dest, ...sources].map(
    (path) => path.split('/').findLast((part) => part !== '' && part !== '.') ?? '',
  );
  return !names.some((name) => name !== '' && words.some((word) => word.includes(name)));
}

function copiesAll(instruction: { readonly kind: string }): instruction is CopyInstruction | AddInstruction {
  if (instruction.kind !== 'COPY' && instruction.kind !== 'ADD') return false;
  const copy = instruction as CopyInstruction;
  return copy.from === undefined && copy.sources.some((source) => /^(?:\.\/?|\/|\.\/\*|\*)$/.test(source));
}

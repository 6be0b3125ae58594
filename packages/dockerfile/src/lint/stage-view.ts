import type { Dockerfile, Stage } from '../dockerfile.ts';
import type { Instruction, RunInstruction } from '../instructions/instruction.ts';
import { chompTabs } from '../parser/heredoc.ts';
import { type ShellCommand, splitShell } from './split-shell.ts';

/** A RUN with the commands in it. */
export interface RunView {
  readonly instruction: RunInstruction;
  readonly commands: readonly ShellCommand[];
  /** Where cache and tmpfs mounts are; what is written there is not in the image. */
  readonly outside: readonly string[];
  /** Position among the stage's instructions. */
  readonly index: number;
}

/** A stage as the checks of practice see it. */
export interface StageView {
  readonly stage: Stage;
  /** It is the last one, or the last one stands on it: its layers are in the image. */
  readonly inImage: boolean;
  /** It begins with an earlier stage, not with an image. */
  readonly onStage: boolean;
  readonly runs: readonly RunView[];
}

/** The stages; RUN of shells that are none of the Bourne family is left out. */
export function viewStages({ stages, escape }: Dockerfile): readonly StageView[] {
  const parents = findParents(stages);
  const inImage = new Set<Stage>();
  for (let stage = stages.at(-1); stage !== undefined; stage = parents.get(stage)) inImage.add(stage);
  return stages.map((stage) => ({
    stage,
    inImage: inImage.has(stage),
    onStage: parents.has(stage),
    runs: escape === '`' ? [] : viewRuns(stage.instructions),
  }));
}

/** The earlier stage that each one stands on, for those that do. One pass: there may be very many. */
function findParents(stages: readonly Stage[]): ReadonlyMap<Stage, Stage> {
  const parents = new Map<Stage, Stage>();
  const named = new Map<string, Stage>();
  for (const stage of stages) {
    const parent = named.get(stage.base.toLowerCase());
    if (parent !== undefined) parents.set(stage, parent);
    if (stage.name !== undefined) named.set(stage.name, stage);
  }
  return parents;
}

function viewRuns(instructions: readonly Instruction[]): RunView[] {
  const runs: RunView[] = [];
  let foreign = false;
  for (const [index, instruction] of instructions.entries()) {
    if (instruction.kind === 'SHELL')
      foreign = !/(?:^|\/)(?:ba|da|a|z|k)?sh$/.test(instruction.shell[0] ?? '');
    if (instruction.kind !== 'RUN' || foreign) continue;
    const outside = instruction.mountFlags.flatMap((flag) => {
      const target = /(?:^|,)(?:target|dst|destination)=([^,]+)/.exec(flag)?.[1];
      return target !== undefined && /(?:^|,)type=(?:cache|tmpfs)(?:,|$)/.test(flag) ? [target] : [];
    });
    runs.push({ instruction, commands: commandsOf(instruction), outside, index });
  }
  return runs;
}

function commandsOf({ command, heredocs }: RunInstruction): readonly ShellCommand[] {
  if (command.form === 'exec') {
    const [program = '', flag = '', script] = command.args;
    if (/(?:^|\/)(?:ba|da|a)?sh$/.test(program) && /^-[a-z]*c$/.test(flag) && script !== undefined)
      return splitShell(script);
    return [{ words: command.args.map((text) => ({ text, start: 0, end: 0 })), piped: false }];
  }
  const commands = splitShell(command.line).flatMap((one) => [one, ...innerCommands(one)]);
  const [first] = commands;
  const isScript =
    heredocs.length > 0 &&
    first !== undefined &&
    first.words.every(({ text }) => /^\d*<<|^-|^(?:\/bin\/)?(?:ba|da|a)?sh$/.test(text));
  if (!isScript) return commands;
  return heredocs.flatMap(({ content, chomp }) => splitShell(chomp ? chompTabs(content) : content));
}

/** Those of `sh -c '...'`. */
function innerCommands({ words }: ShellCommand): readonly ShellCommand[] {
  const texts = words.map(({ text }) => text);
  const flag = texts.findIndex((text) => /^-[a-z]*c$/.test(text));
  const script = texts[flag + 1];
  const isShell = /^(?:\/(?:usr\/)?bin\/)?(?:ba|da|a)?sh$/.test(texts[0] ?? '');
  return isShell && flag > 0 && script !== undefined ? splitShell(script) : [];
}

import { isFault, suggest } from '@onebuild/core';
import type { Dockerfile } from '../dockerfile.ts';
import { expandInstruction } from '../instructions/expand-instruction.ts';
import type { ArgDeclaration, Instruction } from '../instructions/instruction.ts';
import { expandWord } from '../shell/expand-word.ts';
import { checkInstruction } from './check-instruction.ts';
import { collectGlobalArgs } from './global-args.ts';
import type { LintOptions, Report } from './lint-dockerfile.ts';
import { openStageState, type StageState } from './stage-state.ts';

/** Arguments that steer BuildKit and never are variables. */
const notVariables = new Set(['BUILDKIT_SBOM_SCAN_CONTEXT', 'BUILDKIT_SBOM_SCAN_STAGE']);

/** Goes through the instructions as a build would, with the values they would see. */
export function checkStages(dockerfile: Dockerfile, options: LintOptions, report: Report): void {
  const globals = collectGlobalArgs(dockerfile, options.buildArgs ?? {}) ?? new Map<string, string>();
  const buildArgs = new Map(Object.entries(options.buildArgs ?? {}));
  const argValue = ({ name, value }: ArgDeclaration) =>
    buildArgs.get(name) ?? (value === undefined ? globals.get(name) : undefined);
  const earlier = new Map<string, StageState>();
  for (const stage of dockerfile.stages) {
    const quiet = options.stages !== undefined && !options.stages.has(stage.index);
    const tell: Report = quiet ? () => {} : report;
    const base = quietly(() => expandWord(stage.base, globals, { escape: dockerfile.escape }).result) ?? '';
    const state = openStageState(stage, { base, earlier, options });
    for (const instruction of stage.instructions) {
      const env = state.env ?? new Map<string, string>();
      const expanded = quietly(() =>
        expandInstruction(instruction, env, { escape: dockerfile.escape, argValue }),
      );
      if (expanded !== undefined) reportUnmatched(expanded.unmatched, { instruction, state }, tell);
      checkInstruction(expanded?.instruction ?? instruction, { state, ignore: options.ignore }, tell);
      applyInstruction(expanded?.instruction ?? instruction, state);
    }
    if (stage.name !== undefined) earlier.set(stage.name, state);
  }
}

function reportUnmatched(
  unmatched: readonly string[],
  at: { readonly instruction: Instruction; readonly state: StageState },
  report: Report,
): void {
  const { instruction, state } = at;
  if (state.env === undefined || instruction.kind === 'EXPOSE') return;
  for (const name of unmatched) {
    if (state.declared.has(name) || notVariables.has(name)) continue;
    const close = suggest(name, state.env.keys());
    const hint = close === undefined ? '' : ` (did you mean $${close}?)`;
    report('UndefinedVar', `The variable '$${name}' is not set${hint}`, instruction);
  }
}

function applyInstruction(instruction: Instruction, state: StageState): void {
  switch (instruction.kind) {
    case 'ARG':
      for (const { name, value } of instruction.args) {
        state.declared.add(name);
        if (value !== undefined) state.env?.set(name, value);
      }
      break;
    case 'ENV':
      for (const { name, value } of instruction.variables) state.env?.set(name, value);
      break;
    case 'WORKDIR':
      state.hasWorkdir = true;
      break;
    case 'SHELL':
      state.hasShell = true;
      break;
    case 'CMD':
    case 'ENTRYPOINT':
    case 'HEALTHCHECK':
      state.last.set(instruction.kind, instruction);
      break;
    default:
  }
}

/** What cannot be expanded is an error of the build, not of its style. */
function quietly<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (isFault(error)) return undefined;
    throw error;
  }
}

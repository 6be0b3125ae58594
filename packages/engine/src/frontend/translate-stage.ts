import { fault, withFact, withLocation } from '@onebuild/core';
import {
  type ArgInstruction,
  expandInstruction,
  type Instruction,
  parseInstruction,
} from '@onebuild/dockerfile';
import { formatPlatform } from '@onebuild/oci';
import type { StepLabel } from '../graph/node.ts';
import type { FrontendServices } from './frontend-services.ts';
import { checkLayerSteps } from './stage-limits.ts';
import type { StageState } from './stage-state.ts';
import { translateConfig } from './translate-config.ts';
import { translateCopy, translateWorkdir } from './translate-copy.ts';
import { translateRun } from './translate-run.ts';

/** Instructions that are shown as steps. */
const steps = new Set(['RUN', 'COPY', 'ADD', 'WORKDIR']);

/** Reads a stage's instructions, triggers of its base first, onto the state. */
export async function translateStage(services: FrontendServices, state: StageState): Promise<void> {
  const triggers = takeTriggers(state);
  const all = [...triggers, ...state.stage.instructions];
  const of = all.filter((instruction) => steps.has(instruction.kind)).length + 1;
  let at = 1;
  const [platform, target] = [formatPlatform(state.platform), formatPlatform(services.targetPlatform)];
  for (const instruction of all) {
    if (steps.has(instruction.kind)) at++;
    const label: StepLabel = {
      name: instruction.original,
      ...(services.targetName !== undefined && { target: services.targetName }),
      stage: state.label,
      origin: services.origin,
      position: [at, of],
      location: services.locate(instruction.location),
      ...((services.options.platforms.length > 1 || platform !== target) && { platform }),
      ...(platform !== target && { crossTo: target }),
    };
    try {
      await translateInstruction(services, state, { instruction, label });
    } catch (error) {
      throw label.location === undefined ? error : withLocation(error, label.location);
    }
  }
}

/** ONBUILD of the base: its triggers run here, once, and are not handed on. */
function takeTriggers(state: StageState): readonly Instruction[] {
  const triggers = state.config.OnBuild ?? [];
  delete state.config.OnBuild;
  return triggers.map((trigger) => {
    try {
      return { ...parseInstruction(trigger), location: state.stage.location };
    } catch (error) {
      throw withFact(
        error,
        `ONBUILD trigger ${JSON.stringify(trigger.slice(0, 200))} of the base ${state.stage.base}`,
      );
    }
  });
}

async function translateInstruction(
  services: FrontendServices,
  state: StageState,
  job: { readonly instruction: Instruction; readonly label: StepLabel },
): Promise<void> {
  if (job.instruction.kind === 'ARG') {
    translateArg(services, state, job.instruction);
    return;
  }
  const { instruction } = expandInstruction(job.instruction, state.env, services.dockerfile);
  if (translateConfig(state, instruction)) return;
  checkLayerSteps(state, services.locate(instruction.location));
  switch (instruction.kind) {
    case 'RUN':
      return translateRun(services, state, instruction, job.label);
    case 'COPY':
    case 'ADD':
      return translateCopy(services, state, instruction, job.label);
    case 'WORKDIR':
      return translateWorkdir(services, state, instruction, job.label);
    default:
      throw fault('INTERNAL', `no translation for ${instruction.kind}`);
  }
}

/** ARG: the value from outside, else the default, else what the ARG before the first FROM has. */
function translateArg(services: FrontendServices, state: StageState, arg: ArgInstruction): void {
  const { given, scope } = services.globals;
  const { instruction } = expandInstruction(arg, state.env, {
    ...services.dockerfile,
    argValue: ({ name, value }) => given.get(name) ?? (value === undefined ? scope.get(name) : undefined),
  });
  for (const { name, value } of instruction.args) {
    const found = given.get(name) ?? value ?? scope.get(name);
    state.args.set(name, found);
    if (found !== undefined) state.env.set(name, found);
  }
  state.history.push({ createdBy: arg.original });
}

import { type CommandLine, type Instruction, resolveExposedPorts } from '@onebuild/dockerfile';
import type { StageState } from './stage-state.ts';

const defaultShell: readonly string[] = ['/bin/sh', '-c'];

/** The shell of shell forms. */
export function shellOf(state: StageState): readonly string[] {
  return state.config.Shell ?? defaultShell;
}

/** Applies an instruction that changes only the config; false for the others. `instruction` is expanded. */
export function translateConfig(state: StageState, instruction: Instruction): boolean {
  const { config } = state;
  switch (instruction.kind) {
    case 'ENV':
      for (const { name, value } of instruction.variables) {
        state.env.set(name, value);
        config.Env ??= [];
        setVariable(config.Env, name, value);
      }
      break;
    case 'LABEL':
      config.Labels ??= {};
      for (const { name, value } of instruction.labels) config.Labels[name] = value;
      break;
    case 'EXPOSE':
      config.ExposedPorts ??= {};
      for (const port of resolveExposedPorts(instruction.ports)) config.ExposedPorts[port] = {};
      break;
    case 'VOLUME':
      config.Volumes ??= {};
      for (const path of instruction.paths) config.Volumes[path] = {};
      break;
    case 'USER':
      config.User = instruction.user;
      break;
    case 'STOPSIGNAL':
      config.StopSignal = instruction.signal;
      break;
    case 'SHELL':
      config.Shell = instruction.shell;
      break;
    case 'HEALTHCHECK': {
      const { test, interval, timeout, startPeriod, startInterval, retries } = instruction.health;
      config.Healthcheck = {
        Test: test,
        ...(interval !== undefined && { Interval: interval }),
        ...(timeout !== undefined && { Timeout: timeout }),
        ...(startPeriod !== undefined && { StartPeriod: startPeriod }),
        ...(startInterval !== undefined && { StartInterval: startInterval }),
        ...(retries !== undefined && { Retries: retries }),
      };
      break;
    }
    case 'ONBUILD':
      config.OnBuild ??= [];
      config.OnBuild.push(instruction.trigger);
      break;
    case 'MAINTAINER':
      state.author = instruction.maintainer;
      break;
    case 'CMD':
      config.Cmd = commandArgs(state, instruction.command);
      state.cmdSet = true;
      break;
    case 'ENTRYPOINT':
      config.Entrypoint = commandArgs(state, instruction.command);
      if (!state.cmdSet) delete config.Cmd;
      break;
    default:
      return false;
  }
  state.history.push({ createdBy: instruction.original });
  return true;
}

function commandArgs(state: StageState, command: CommandLine): readonly string[] {
  return command.form === 'exec' ? command.args : [...shellOf(state), command.line];
}

/** Where the variables of a list stand: looking for each would take long with very many. */
const places = new WeakMap<readonly string[], { readonly at: Map<string, number>; length: number }>();

/** Puts the variable's line in place of its old one, else at the end. */
function setVariable(env: string[], name: string, value: string): void {
  const line = `${name}=${value}`;
  let known = places.get(env);
  if (known?.length !== env.length) {
    const named = env.map((old, at) => [/^[^=]*=/.exec(old)?.[0] ?? '', at] as const);
    known = { at: new Map(named.reverse()), length: env.length };
    places.set(env, known);
  }
  const at = known.at.get(`${name}=`);
  if (at !== undefined) {
    env[at] = line;
    return;
  }
  known.length = env.push(line);
  known.at.set(`${name}=`, known.length - 1);
}

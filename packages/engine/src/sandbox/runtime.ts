import type { LauncherStep } from './launcher.ts';
import type { SandboxSpec } from './sandbox.ts';

/**
 * A program that runs the bundle in the working folder (`config.json` of the OCI runtime spec), in the launcher's own
 * mount and process namespaces. It says why it could not in `../runtime.log`: JSON lines with `level` and `msg`.
 */
export interface Runtime {
  readonly name: 'crun' | 'runc' | 'unshare';
  /** What the launcher does first. */
  readonly steps: readonly LauncherStep[];
  /** Flags of unshare(1) for namespaces that the runtime doesn't make itself. */
  namespaces(spec: SandboxSpec): readonly string[];
  /** `joinFiles`: see `LimitGroup`; only where `joins` is set, else the launcher enters them before. */
  command(spec: SandboxSpec, joinFiles: readonly string[]): readonly string[];
  /** It is too large itself to be under the limits of the command. */
  readonly joins?: boolean;
  /** How it takes a filter of system calls: as a list that it compiles for each command, or better as a program. */
  readonly filters: 'list' | 'list or program' | 'program';
}

import type { SourceLocation } from '@onebuild/core';
import type { Heredoc } from '../parser/heredoc.ts';

/** What every instruction knows of its place in the text. */
export interface InstructionBase {
  /** File, first and last line (heredocs included) and column; the snippet is drawn by `locate` when it is needed. */
  readonly location: SourceLocation;
  /** The instruction on one line, continuations joined and comments gone: `RUN apt-get update`. Heredoc bodies are not part of it. */
  readonly original: string;
  /** The comment lines directly above it, without `#`. */
  readonly comments: readonly string[];
  /** The first word as it was written. */
  readonly keyword: string;
}

/** `FROM`; a {@link Stage} holds it, it is never among a stage's instructions. Expands: base, platform. */
export interface FromInstruction extends InstructionBase {
  readonly kind: 'FROM';
  /** How AS was written, where it is there. */
  readonly as?: string;
  readonly base: string;
  readonly platform?: string;
  /** Lower case. */
  readonly name?: string;
  /** The name as it was written, where there is one. */
  readonly writtenName?: string;
}

/** The command of RUN, CMD and ENTRYPOINT: a line for the stage's shell, or the arguments themselves. Never expanded. */
export type CommandLine =
  | { readonly form: 'shell'; readonly line: string }
  | { readonly form: 'exec'; readonly args: readonly string[] };

/** Expands: the mounts. */
export interface RunInstruction extends InstructionBase {
  readonly kind: 'RUN';
  readonly command: CommandLine;
  readonly heredocs: readonly Heredoc[];
  /**
   * Before expansion only `from` is known of each (it never holds a variable, so dependencies can be found early); all the rest is
   * read and checked by `expandInstruction`.
   */
  readonly mounts: readonly RunMount[];
  /** The `--mount` values as written. */
  readonly mountFlags: readonly string[];
  readonly network: 'default' | 'none' | 'host';
  readonly security: 'sandbox' | 'insecure';
}

/** Paths are as written: relative targets are relative to WORKDIR. */
export type RunMount = BindMount | CacheMount | TmpfsMount | SecretMount | SshMount;

export interface BindMount {
  readonly type: 'bind';
  /** Stage, named context or image; undefined is the build context. */
  readonly from?: string;
  readonly source?: string;
  readonly target?: string;
  readonly readonly: boolean;
}

export interface CacheMount {
  readonly type: 'cache';
  readonly from?: string;
  readonly source?: string;
  readonly target?: string;
  readonly readonly: boolean;
  /** What `id` says, else the cleaned target as written. */
  readonly id: string;
  readonly sharing: 'shared' | 'private' | 'locked';
  /** Of the folder when it is made; undefined: 0755. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
}

export interface TmpfsMount {
  readonly type: 'tmpfs';
  readonly target?: string;
  readonly readonly: boolean;
  /** bytes */
  readonly size?: number;
}

export interface SecretMount {
  readonly type: 'secret';
  /** Given by `id`, else `source`'s, else `target`'s last part. */
  readonly id: string;
  /** undefined where only `env` is wanted; `/run/secrets/ID` where nothing was said. */
  readonly target?: string;
  /** Name of the environment variable that holds the value. */
  readonly env?: string;
  readonly required: boolean;
  /** undefined: 0400 */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
}

export interface SshMount {
  readonly type: 'ssh';
  /** `default` where nothing was said. */
  readonly id: string;
  /** Path of the socket; undefined: a path of the engine's choice. */
  readonly target?: string;
  readonly required: boolean;
  /** undefined: 0600 */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
}

/** A file whose content stands in the Dockerfile. */
export interface InlineSource {
  /** The word after `<<`: the file's name. */
  readonly path: string;
  readonly content: string;
  /** Whether variables in it are expanded. */
  readonly expand: boolean;
}

interface CopyBase extends InstructionBase {
  /** Without inline sources. */
  readonly sources: readonly string[];
  readonly inlineSources: readonly InlineSource[];
  readonly dest: string;
  /** `user:group`; see `parseChown`. */
  readonly chown?: string;
  /** Octal or symbolic; see `parseMode`. Checked by `expandInstruction`. */
  readonly chmod?: string;
  readonly link: boolean;
  readonly exclude: readonly string[];
}

/** Expands: sources, dest, chown, chmod, bodies of inline sources. `from` and `exclude` never expand. */
export interface CopyInstruction extends CopyBase {
  readonly kind: 'COPY';
  /** Stage, named context or image. */
  readonly from?: string;
  readonly parents: boolean;
}

/** Expands: sources, dest, chown, chmod, checksum, bodies of inline sources. `exclude` never expands. */
export interface AddInstruction extends CopyBase {
  readonly kind: 'ADD';
  /** `algorithm:hex`, only with a single remote source. */
  readonly checksum?: string;
  readonly keepGitDir?: boolean;
  /** undefined: local archives are unpacked, remote ones not. */
  readonly unpack?: boolean;
}

/** An empty exec form (`CMD []`) clears an inherited one. */
export interface CmdInstruction extends InstructionBase {
  readonly kind: 'CMD';
  readonly command: CommandLine;
}

export interface EntrypointInstruction extends InstructionBase {
  readonly kind: 'ENTRYPOINT';
  readonly command: CommandLine;
}

export interface ShellInstruction extends InstructionBase {
  readonly kind: 'SHELL';
  readonly shell: readonly string[];
}

export interface NamedValue {
  readonly name: string;
  readonly value: string;
  /** Written as `ENV name value`, not `name=value`. */
  readonly legacy: boolean;
}

/** Expands: names and values, each with the environment before this line. */
export interface EnvInstruction extends InstructionBase {
  readonly kind: 'ENV';
  readonly variables: readonly NamedValue[];
}

export interface LabelInstruction extends InstructionBase {
  readonly kind: 'LABEL';
  readonly labels: readonly NamedValue[];
}

export interface ArgDeclaration {
  readonly name: string;
  /** undefined: no default. */
  readonly value?: string;
  /** What a comment `# NAME text` directly above says of it. */
  readonly description?: string;
}

/** Expands: defaults; a later argument of the line sees the earlier ones (`ARG a=1 b=$a`). */
export interface ArgInstruction extends InstructionBase {
  readonly kind: 'ARG';
  readonly args: readonly ArgDeclaration[];
}

/** Expands: ports, by words (one variable may hold several). See `resolveExposedPorts`. */
export interface ExposeInstruction extends InstructionBase {
  readonly kind: 'EXPOSE';
  readonly ports: readonly string[];
}

export interface VolumeInstruction extends InstructionBase {
  readonly kind: 'VOLUME';
  readonly paths: readonly string[];
}

export interface UserInstruction extends InstructionBase {
  readonly kind: 'USER';
  readonly user: string;
}

export interface WorkdirInstruction extends InstructionBase {
  readonly kind: 'WORKDIR';
  readonly path: string;
}

export interface StopsignalInstruction extends InstructionBase {
  readonly kind: 'STOPSIGNAL';
  readonly signal: string;
}

export interface HealthcheckInstruction extends InstructionBase {
  readonly kind: 'HEALTHCHECK';
  readonly health: Healthcheck;
}

/** As the image config has it; durations in nanoseconds, undefined is inherited or the engine's default. */
export interface Healthcheck {
  /** `['NONE']`, `['CMD', ...]` or `['CMD-SHELL', line]` */
  readonly test: readonly string[];
  readonly interval?: number;
  readonly timeout?: number;
  readonly startPeriod?: number;
  readonly startInterval?: number;
  readonly retries?: number;
}

/** Never expanded. */
export interface OnbuildInstruction extends InstructionBase {
  readonly kind: 'ONBUILD';
  /** What the image config keeps: the text after `ONBUILD`, heredoc bodies included. `parseInstruction` reads it; nobody has checked it before. */
  readonly trigger: string;
}

export interface MaintainerInstruction extends InstructionBase {
  readonly kind: 'MAINTAINER';
  readonly maintainer: string;
}

/** What a stage is made of. */
export type Instruction =
  | AddInstruction
  | ArgInstruction
  | CmdInstruction
  | CopyInstruction
  | EntrypointInstruction
  | EnvInstruction
  | ExposeInstruction
  | HealthcheckInstruction
  | LabelInstruction
  | MaintainerInstruction
  | OnbuildInstruction
  | RunInstruction
  | ShellInstruction
  | StopsignalInstruction
  | UserInstruction
  | VolumeInstruction
  | WorkdirInstruction;

/**
 * Runs one command in a root that is put together from unpacked layers. The engine's process itself never mounts
 * anything: mounts live in a namespace that ends with the command, so a kill -9 leaves none behind.
 */
export interface Sandbox {
  /** How the command is kept apart, in words for the build's first line: `crun (root)`, `unshare (rootless)`. */
  readonly isolation: string;
  /**
   * Resolves when the command and everything it started have ended. A non-zero exit code is an answer, not an error.
   * @throws SANDBOX_FAILED, LIMIT_UNAVAILABLE, STEP_COMMAND_NOT_FOUND, CANCELED
   */
  run(spec: SandboxSpec, io: SandboxIo): Promise<SandboxResult>;
}

export interface SandboxResult {
  readonly exitCode: number;
  /** Set when a limit ended it. */
  readonly outOfMemory?: boolean;
}

export interface SandboxIo {
  readonly signal: AbortSignal;
  /** Raw output; a chunk may end inside a line or a character. */
  onOutput(stream: 'stdout' | 'stderr', chunk: Uint8Array): void;
}

/** Folders that overlayfs shows as one tree. */
export interface OverlayRoot {
  /** Unpacked layers (overlayfs form: whiteouts are 0:0 character devices, opaque folders carry the xattr), bottom first. May be empty. */
  readonly lowers: readonly string[];
  /** Takes the changes. */
  readonly upper: string;
  /** Empty folder on the same file system as `upper`. */
  readonly work: string;
}

export type SandboxMount =
  /** A file or folder of the host. Propagation private, `nosuid,nodev` kept off. */
  | { readonly type: 'bind'; readonly source: string; readonly target: string; readonly readonly: boolean }
  | {
      readonly type: 'tmpfs';
      readonly target: string /** bytes */;
      readonly size?: number;
      readonly mode?: number;
    }
  /** A tree of its own (another stage, an image), or `subpath` of it, at `target`; changes go to its upper folder. */
  | {
      readonly type: 'overlay';
      readonly root: OverlayRoot;
      /** Absolute path inside that tree; already free of symlinks. */
      readonly subpath: string;
      readonly target: string;
      readonly readonly: boolean;
    }
  /** A file that exists in memory only (a secret); it never touches a disk. */
  | {
      readonly type: 'secret';
      readonly content: Uint8Array;
      readonly target: string;
      readonly uid: number;
      readonly gid: number;
      readonly mode: number;
    };

export interface SandboxSpec {
  /** Unique, file-name safe; names the container and its cgroup. */
  readonly id: string;
  readonly root: OverlayRoot;
  /** Mount the root read-only is never asked for; files and folders that mount targets need are made by the sandbox and are removed from `upper` afterwards when the command left them as they were made. */
  readonly mounts: readonly SandboxMount[];
  readonly args: readonly string[];
  /** `NAME=value`; complete, nothing is added. */
  readonly env: readonly string[];
  /** Absolute; exists in the root. */
  readonly cwd: string;
  readonly user: { readonly uid: number; readonly gid: number; readonly additionalGids: readonly number[] };
  /** `host` shares the network and gets the host's resolv.conf and hosts; `none` has a loopback only. */
  readonly network: 'host' | 'none';
  readonly hostname: string;
  /** Lines `address name` for /etc/hosts. */
  readonly extraHosts: readonly (readonly [name: string, address: string])[];
  readonly limits: {
    /** bytes */ readonly memory?: number /** cores, 0.5 is half of one */;
    readonly cpus?: number /** bytes, size of /dev/shm */;
    readonly shmSize?: number;
  };
  /** `insecure` (RUN --security=insecure): all capabilities, no masked paths, host devices. */
  readonly security: 'sandbox' | 'insecure';
}

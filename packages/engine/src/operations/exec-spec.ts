import type { Platform } from '@onebuild/oci';
import type { SecretSource } from '../build-options.ts';
import type { FileSource } from './file-source.ts';

/** A command to run over a snapshot. All of it but what is marked decides over the result. */
export interface ExecSpec {
  readonly args: readonly string[];
  /** `NAME=value`, in order. */
  readonly env: readonly string[];
  readonly cwd: string;
  /** `name[:group]` as USER has it. */
  readonly user: string;
  readonly network: 'host' | 'none';
  readonly security: 'sandbox' | 'insecure';
  readonly platform: Platform;
  readonly mounts: readonly ExecMount[];
  readonly script?: { readonly path: string; readonly content: string };
  readonly extraHosts: readonly (readonly [name: string, address: string])[];
  /** Seconds that everything the command wrote shall have; undefined keeps the real times. */
  readonly mtime: number | undefined;
  /** Not part of the result: limits, and variables like HTTP_PROXY. */
  readonly limits: { readonly memory?: number; readonly cpus?: number; readonly shmSize?: number };
  readonly proxy: Readonly<Record<string, string>>;
  /** Not part of the result: which of the variables are ARGs. */
  readonly argNames: ReadonlySet<string>;
  /** Not part of the result: runs even when an earlier result is there. */
  readonly noCache: boolean;
}

/** Paths are absolute in the root; sources relative to their tree. */
export type ExecMount =
  | {
      readonly type: 'bind';
      readonly from: FileSource;
      readonly source: string;
      readonly target: string;
      readonly readonly: boolean;
    }
  | {
      readonly type: 'cache';
      readonly id: string;
      readonly from: FileSource | undefined;
      readonly source: string;
      readonly target: string;
      readonly readonly: boolean;
      readonly sharing: 'shared' | 'private' | 'locked';
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
    }
  | { readonly type: 'tmpfs'; readonly target: string; readonly size?: number }
  | {
      readonly type: 'secret';
      readonly id: string;
      readonly content: SecretSource;
      readonly target?: string;
      readonly env?: string;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
    }
  | {
      readonly type: 'ssh';
      readonly id: string;
      readonly socket: string;
      readonly target: string;
    };

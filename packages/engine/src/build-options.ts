import type { BuildEvent, BuiltImage, Clock } from '@onebuild/core';
import type { Compression, Platform, Reference } from '@onebuild/oci';
import type { RegistryClient } from '@onebuild/registry/client';

/** A build, as a caller asks for it. The engine reads no environment: all that it may use is here. */
export interface BuildOptions {
  /** ONEBUILD_HOME, absolute. */
  readonly home: string;
  readonly context: ContextSource;
  /** Path of the Dockerfile relative to the context, or `{ text, name }` for one that came another way. */
  readonly dockerfile?: string | { readonly text: string; readonly name: string };
  readonly target?: string;
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly buildContexts: Readonly<Record<string, ContextSource>>;
  /** Empty: the platform of this machine. */
  readonly platforms: readonly Platform[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly tags: readonly Reference[];
  readonly secrets: Readonly<Record<string, SecretSource>>;
  /** id to socket path (or key files). */
  readonly ssh: Readonly<Record<string, string>>;
  readonly outputs: readonly Output[];
  readonly noCache: boolean | { readonly stages: readonly string[] };
  /** Resolve base tags again even where a digest is known. The engine always does; kept for the flag. */
  readonly pull: boolean;
  readonly network: 'host' | 'none';
  readonly extraHosts: readonly (readonly [name: string, address: string])[];
  readonly limits: { readonly memory?: number; readonly cpus?: number; readonly shmSize?: number };
  /** RUN --security=insecure and --network=host need an allowance, as in buildx. */
  readonly allow: readonly ('security.insecure' | 'network.host')[];
  /** Steps that may run at once; at least 1. */
  readonly jobs: number;
  readonly times: LayerTimes;
  /** Which sandbox: the best there is, or one by name. */
  readonly sandbox: 'auto' | 'crun' | 'runc' | 'unshare';
  /** True inside a user namespace of our own making. */
  readonly rootless: boolean;
  /** Proxy variables (`HTTP_PROXY=...`) that RUN steps see and that no key or layer keeps. */
  readonly proxy: Readonly<Record<string, string>>;
  /** Runs only the lint (`--check`), builds nothing. */
  readonly checkOnly: boolean;
  readonly registry: RegistryClient;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly emit: (event: BuildEvent) => void;
  readonly version: string;
}

export type ContextSource =
  | { readonly type: 'folder'; readonly path: string }
  /** A tar archive (plain, gzip, zstd, bzip2 or xz) that is read once; or a Dockerfile alone when it isn't an archive. */
  | { readonly type: 'stream'; readonly stream: AsyncIterable<Uint8Array>; readonly name: string }
  | { readonly type: 'git'; readonly url: string }
  | { readonly type: 'http'; readonly url: string }
  | { readonly type: 'image'; readonly reference: string }
  | { readonly type: 'oci-layout'; readonly path: string; readonly tag?: string; readonly digest?: string };

export type SecretSource =
  | { readonly type: 'file'; readonly path: string }
  | { readonly type: 'value'; readonly value: string };

/**
 * `auto`: layers have the fixed epoch, the config the commit's time. A number (seconds): everything has that time
 * (`SOURCE_DATE_EPOCH`). `preserve`: times as they are.
 */
export type LayerTimes = 'auto' | 'commit' | 'preserve' | number;

export interface LayerCompression {
  readonly compression: Compression;
  /** gzip 1 to 9, zstd 1 to 22 */
  readonly level?: number;
  /** Compress the base's layers again, too. */
  readonly force?: boolean;
}

export type Output = (
  | { readonly type: 'push'; readonly names: readonly Reference[] }
  /** `dest`: file of a tar archive, or a folder with `tar: false`; undefined: `stream`. */
  | { readonly type: 'oci' | 'docker'; readonly dest: OutputDestination; readonly tar: boolean }
  /** The files of the result, in a folder. */
  | { readonly type: 'local'; readonly dest: string }
  | { readonly type: 'tar'; readonly dest: OutputDestination }
  /** Into the local Docker or Podman. */
  | {
      readonly type: 'load';
      readonly engine: 'auto' | 'docker' | 'podman';
      /** As in DOCKER_HOST; undefined: the usual socket. */
      readonly dockerHost?: string;
    }
  /** Keep in the store only. */
  | { readonly type: 'store' }
) & { readonly layers?: LayerCompression };

export type OutputDestination = { readonly path: string } | { readonly stream: NodeJS.WritableStream };

export interface BuildResult {
  readonly images: readonly BuiltImage[];
  /** What `--metadata-file` holds, as buildx writes it. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** What `--iidfile` holds: the digest of the image's config, or of the index. */
  readonly imageId: string | undefined;
}

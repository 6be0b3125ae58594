import type { BuildEvent, BuiltImage, Clock, Digest } from '@onebuild/core';
import type { Compression, Platform, Reference } from '@onebuild/oci';
import type { RegistryClient } from '@onebuild/registry/client';

/** What all targets of a build share: the machine, the registries, who listens. The engine reads no environment: all that it may use is here. */
export interface SharedOptions {
  /** ONEBUILD_HOME, absolute. */
  readonly home: string;
  /** Steps that may run at once; at least 1. */
  readonly jobs: number;
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
  /** The folder from which the build was started, absolute: the record of a build is found again by it. */
  readonly startedFrom?: string;
}

/** One Dockerfile with its context: what is built for each of its platforms, and where it goes. */
export interface TargetOptions {
  /** For messages, and for others to bind to; each target of a build has its own. */
  readonly name: string;
  /** Built as far as other targets are bound to it, and no further: it has no image, no output and no place in the result. */
  readonly partOnly?: boolean;
  readonly context: ContextSource;
  /** What the context is called in the records of this machine, where its path says nothing: it is another one each time. */
  readonly origin?: string;
  /** Seconds since the epoch: when the commit that the context holds was made; undefined: it is found out where the context tells. */
  readonly commitTime?: number;
  /** Path of the Dockerfile relative to the context, or `{ text, name }` for one that came another way. */
  readonly dockerfile?: string | { readonly text: string; readonly name: string };
  /** Stage of the Dockerfile; undefined: the last one. */
  readonly target?: string;
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly buildContexts: Readonly<Record<string, NamedContextSource>>;
  /** Empty: the platform of this machine. */
  readonly platforms: readonly Platform[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly tags: readonly Reference[];
  readonly secrets: Readonly<Record<string, SecretSource>>;
  /** id to socket path (or key files). */
  readonly ssh: Readonly<Record<string, string>>;
  readonly outputs: readonly Output[];
  /** Tried in order. */
  readonly cacheFrom?: readonly CacheSource[];
  readonly cacheTo?: readonly CacheTarget[];
  readonly times: LayerTimes;
  /** What runs again whatever is kept: all, or stages and single RUN instructions. */
  readonly noCache: boolean | NoCacheFilter;
  /** Resolve base tags again even where a digest is known. The engine always does; kept for the flag. */
  readonly pull: boolean;
  readonly network: 'host' | 'none';
  readonly extraHosts: readonly (readonly [name: string, address: string])[];
  readonly limits: { readonly memory?: number; readonly cpus?: number; readonly shmSize?: number };
  /** RUN --security=insecure and --network=host need an allowance, as in buildx. */
  readonly allow: readonly ('security.insecure' | 'network.host')[];
}

/** A build of one target. */
export interface BuildOptions extends SharedOptions, Omit<TargetOptions, 'name'> {}

/** A build of many targets in one graph: what they have in common is done once. */
export interface BuildAllOptions extends SharedOptions {
  /** All that are built, those that others are bound to included. */
  readonly targets: readonly TargetOptions[];
  /** The process exits after this build: the store's database need not be put in order for it. */
  readonly exiting?: boolean;
}

export type ContextSource =
  | { readonly type: 'folder'; readonly path: string }
  /** A tar archive (plain, gzip, zstd, bzip2 or xz) that is read once; or a Dockerfile alone when it isn't an archive. */
  | { readonly type: 'stream'; readonly stream: AsyncIterable<Uint8Array>; readonly name: string }
  | { readonly type: 'git'; readonly url: string }
  | { readonly type: 'http'; readonly url: string }
  | { readonly type: 'image'; readonly reference: string }
  | { readonly type: 'oci-layout'; readonly path: string; readonly tag?: string; readonly digest?: string };

/** What a name in FROM, `--from=` or a mount may stand for. */
export type NamedContextSource = ContextSource | TargetSource;

/** What another target of the same build makes, for the same platform or for its only one; with `stage` that stage of its Dockerfile. */
export interface TargetSource {
  readonly type: 'target';
  readonly target: string;
  readonly stage?: string;
}

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

/** Where a cache lies that travels: beside images in a registry, or in a folder (an OCI layout). */
export type CacheLocation =
  | { readonly type: 'registry'; readonly reference: Reference }
  | { readonly type: 'local'; readonly path: string; readonly tag: string };

/** A cache to read. */
export interface CacheSource {
  readonly location: CacheLocation;
  /** Ed25519 public keys (PEM): records that none of them signed are left alone. Empty: all are taken. */
  readonly verify: readonly string[];
  /** Whether cache mounts are restored from it. */
  readonly mounts: boolean;
}

/** A cache to write. */
export interface CacheTarget {
  readonly location: CacheLocation;
  /** `min`: what the images stand on; `max`: the results of all steps. */
  readonly mode: 'min' | 'max';
  /** Whether cache mounts are saved in it. */
  readonly mounts: boolean;
  /** Most bytes of a cache mount's files; the least recently used are left out. */
  readonly mountSize?: number;
  /** Most bytes of the whole cache. */
  readonly maxSize?: number;
  readonly maxAgeDays?: number;
  /** Ed25519 private key (PEM). */
  readonly sign?: string;
  /** False: the build fails when the cache cannot be written. */
  readonly ignoreError: boolean;
}

export interface NoCacheFilter {
  /** Names of stages. */
  readonly stages: readonly string[];
  /** Texts of instructions as events name steps; `*` stands for any text. */
  readonly steps?: readonly string[];
}

export interface BuildResult {
  readonly images: readonly BuiltImage[];
  /** What `--metadata-file` holds, as buildx writes it. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** What `--iidfile` holds: the digest of the image's config, or of the index. */
  readonly imageId: string | undefined;
}

export interface BuildAllResult {
  /** In the order of the options. */
  readonly targets: readonly TargetResult[];
  readonly sharing: SharingReport;
}

export interface TargetResult extends BuildResult {
  readonly name: string;
  readonly platforms: readonly PlatformResult[];
}

/** One image of a target. */
export interface PlatformResult {
  readonly platform: string;
  /** Of its manifest; undefined where only files were asked for. */
  readonly digest: Digest | undefined;
  /** Compressed bytes of its layers. */
  readonly size: number;
  /** To registries; what several images have in common is counted where it was sent first. */
  readonly sentBytes: number;
  /** Milliseconds of all steps that it stands on, whoever else stands on them. */
  readonly ms: number;
}

/** Milliseconds of steps; waiting is not counted. */
export interface SharingReport {
  /** All targets' steps, each target by itself. */
  readonly separateMs: number;
  /** The steps of this build, each once. */
  readonly ms: number;
}

import type { SourceLocation } from '@onebuild/core';

/** What a project file says, resolved: nothing in it is left to inherit, to interpolate or to default. */
export interface Project {
  /** In a stable order: that of the file; a name occurs once. */
  readonly targets: readonly Target[];
  /** Names of groups (of a bake file, an app, a component) and the names of targets or groups that they stand for. */
  readonly groups: Readonly<Record<string, readonly string[]>>;
  /** Names of targets or groups that are built when nothing is named. */
  readonly defaults: readonly string[];
  /** The files that it was read from, as they were named. */
  readonly files: readonly string[];
  /** Registries with an address of their own or mirrors. */
  readonly registries: readonly ProjectRegistry[];
}

/** One Dockerfile to be built once for each of its platforms. */
export interface Target {
  /** `helper.kylinv10`, the name of a bake target, that of a compose service. */
  readonly name: string;
  readonly app?: string;
  readonly component?: string;
  readonly variant?: string;
  readonly version?: string;
  /** Folder from that of the file, `.` for the same, or an absolute one; a URL; a git URL. */
  readonly context: string;
  /** From the context, as with `-f`; undefined: its `Dockerfile`. */
  readonly dockerfile: string | undefined;
  /** The text of the Dockerfile itself. */
  readonly dockerfileInline?: string;
  /** Parameters to render the Dockerfile with before it is parsed; undefined: it is taken as it is. */
  readonly template?: Readonly<Record<string, string>>;
  /** Named contexts, as `--build-context` takes them. */
  readonly contexts: Readonly<Record<string, string>>;
  /** Names in FROM, `--from=` and `from=` of mounts that mean another target of this project. */
  readonly binds: Readonly<Record<string, TargetRef>>;
  /** `--target` */
  readonly stage: string | undefined;
  /** Null: the value comes from the environment, and there is none where that has none. */
  readonly args: Readonly<Record<string, string | null>>;
  readonly platforms: readonly string[];
  readonly tags: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** As `--output` takes them: `type=image,push=true`. */
  readonly outputs: readonly string[];
  /** As `--secret` takes them. */
  readonly secrets: readonly string[];
  /** As `--ssh` takes them. */
  readonly ssh: readonly string[];
  /** As `--cache-from` takes them. */
  readonly cacheFrom: readonly string[];
  /** As `--cache-to` takes them. */
  readonly cacheTo: readonly string[];
  readonly noCache: boolean;
  /** Stages that are built anew. */
  readonly noCacheFilter: readonly string[];
  /** Whether bases are looked up anew. */
  readonly pull: boolean;
  /** `default`, `none` or `host` */
  readonly network?: string;
  /** As `--shm-size` takes it. */
  readonly shmSize?: string;
  /** As `--ulimit` takes them. */
  readonly ulimits: readonly string[];
  /** Host name to address. */
  readonly extraHosts: Readonly<Record<string, string>>;
  /** As `--allow` takes them. */
  readonly entitlements: readonly string[];
  /** Where it was written. */
  readonly location: SourceLocation;
}

/** Another target; with `stage` that stage of its Dockerfile, else what it builds. */
export interface TargetRef {
  readonly target: string;
  readonly stage?: string;
}

/** A registry as the project file names it. */
export interface ProjectRegistry {
  /** The name that `images` use in front: `main/ops/helper`. */
  readonly name: string;
  /** What stands in image names: `harbor.example.com`, `localhost:5000`. */
  readonly host: string;
  /** Where it is reached from here, when that is another host. */
  readonly endpoint?: string;
  /** Hosts that are asked before it when images are pulled. */
  readonly mirrors?: readonly string[];
  /** Name of the credential that is used for it; never the credential itself. */
  readonly credential?: string;
  /** Whether plain HTTP and unknown certificates are accepted. */
  readonly insecure?: boolean;
}

/** The flags of `onebuild build` as the command line has them, before anything is made of them. */
export interface BuildFlags {
  /** Of several Dockerfiles the last one counts; of project files all do. */
  readonly file: readonly string[];
  readonly tag: readonly string[];
  readonly buildArg: readonly string[];
  readonly target?: string;
  readonly platform: readonly string[];
  readonly secret: readonly string[];
  readonly ssh: readonly string[];
  readonly output: readonly string[];
  readonly push?: boolean;
  readonly load?: boolean;
  /** False: `--no-cache`. */
  readonly cache: boolean;
  /** `--no-cache-filter` */
  readonly cacheFilter: readonly string[];
  readonly pull?: boolean;
  readonly progress?: string;
  readonly quiet?: boolean;
  readonly metadataFile?: string;
  readonly iidfile?: string;
  readonly buildContext: readonly string[];
  readonly label: readonly string[];
  readonly annotation: readonly string[];
  readonly network: string;
  readonly addHost: readonly string[];
  readonly allow: readonly string[];
  readonly memory?: string;
  readonly cpus?: string;
  readonly shmSize?: string;
  readonly ulimit: readonly string[];
  readonly check?: boolean;
  readonly call?: string;
  readonly cacheFrom: readonly string[];
  readonly cacheTo: readonly string[];
  readonly cacheAccess?: string;
  readonly attest: readonly string[];
  readonly provenance?: string;
  readonly sbom?: string;
  readonly builder?: string;
  readonly jobs?: string;
  readonly timestamp?: string;
  readonly sandbox: string;
  readonly insecureRegistry: readonly string[];
  readonly registryCa: readonly string[];
  readonly mirror: readonly string[];
  readonly registryEndpoint: readonly string[];
  readonly home?: string;
  readonly bind: readonly string[];
  readonly set: readonly string[];
  readonly ref: readonly string[];
  readonly outputsFile: readonly string[];
}

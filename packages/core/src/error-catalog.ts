/**
 * What sort of fault it is. `api` maps kinds to HTTP status, `cli` to exit codes.
 *
 * - `usage`: the command line was wrong
 * - `input`: a file the user wrote (Dockerfile, config, context) is wrong
 * - `build`: a step of the user's build failed
 * - `auth`: credentials are missing, wrong or not enough
 * - `not-found`: a thing that was named is not there
 * - `conflict`: somebody else holds or changed it
 * - `network`: a peer could not be reached or broke off
 * - `corrupt`: bytes do not match their digest, size or format
 * - `environment`: this machine lacks something
 * - `canceled`: the user or a deadline stopped it
 * - `internal`: a defect of OneBuild
 */
export type ErrorKind =
  | 'usage'
  | 'input'
  | 'build'
  | 'auth'
  | 'not-found'
  | 'conflict'
  | 'network'
  | 'corrupt'
  | 'environment'
  | 'canceled'
  | 'internal';

export interface CatalogEntry {
  readonly kind: ErrorKind;
  /** Whether the same request may succeed when it is simply made again. */
  readonly retryable: boolean;
  /** One line for lists and docs. */
  readonly title: string;
  /** What a user does about it, where nothing more precise is known at the place of the fault. */
  readonly remedy: string;
}

function entry(kind: ErrorKind, title: string, remedy: string, retryable = false): CatalogEntry {
  return Object.freeze({ kind, retryable, title, remedy });
}

/** Every error code there is. A code never changes its meaning; scripts rely on it. */
export const errorCatalog = Object.freeze({
  // command line
  USAGE: entry('usage', 'The command line is wrong', 'See `onebuild <command> --help`.'),

  // Dockerfile front
  DOCKERFILE_PARSE: entry(
    'input',
    'The Dockerfile cannot be parsed',
    'Correct the line that the message shows.',
  ),
  DOCKERFILE_INSTRUCTION: entry(
    'input',
    'An instruction of the Dockerfile is not valid',
    'Correct the instruction; https://docs.docker.com/reference/dockerfile lists its forms and flags.',
  ),
  DOCKERFILE_EXPANSION: entry(
    'input',
    'A variable in the Dockerfile cannot be expanded',
    'Set the variable with `--build-arg`, or give it a default.',
  ),
  DOCKERFILE_STAGE: entry(
    'input',
    'A stage of the Dockerfile is missing, doubled or depends on itself',
    'Check the names after `FROM ... AS`, `--from=` and `--target`.',
  ),
  DOCKERFILE_NOT_FOUND: entry(
    'not-found',
    'There is no Dockerfile',
    'Name it with `-f`, or run in the folder that has it.',
  ),
  IGNORE_PATTERN: entry(
    'input',
    'A pattern of the ignore file is not valid',
    'Correct the pattern that the message shows.',
  ),

  TEMPLATE_PARAMETER: entry(
    'input',
    'A parameter of a Dockerfile template is not known',
    'Give the parameter under `template:`, or correct its name.',
  ),

  // project files
  PROJECT_NOT_FOUND: entry(
    'not-found',
    'There is no project file',
    'Name it with `-f`, run in the folder that has it, or make one: `onebuild init`.',
  ),
  PROJECT_PARSE: entry(
    'input',
    'A project file cannot be parsed',
    'Correct the line that the message shows.',
  ),
  PROJECT_INVALID: entry(
    'input',
    'A project file says something that is not possible',
    'Correct the place that the message shows; docs/guide/project-file.md lists what can be written.',
  ),
  PROJECT_EXPANSION: entry(
    'input',
    'A value of a project file cannot be interpolated',
    'Give the name a value, or a default: `${name:-default}`.',
  ),
  TARGET_NOT_FOUND: entry(
    'not-found',
    'There is no target with that name',
    '`onebuild config` lists the targets.',
  ),

  // contexts and sources
  CONTEXT_NOT_FOUND: entry(
    'not-found',
    'The build context is not there',
    'Check the path or URL of the context.',
  ),
  CONTEXT_READ: entry(
    'input',
    'A file of the build context cannot be read',
    'Fix its permissions, or ignore it in `.dockerignore`.',
  ),
  CONTEXT_CHANGED: entry(
    'conflict',
    'A file changed while it was read',
    'Build again when nothing writes into the context.',
    true,
  ),
  SOURCE_NOT_FOUND: entry(
    'input',
    'COPY or ADD names a file that is not there',
    'Check the path, and the patterns of `.dockerignore`.',
  ),
  SOURCE_FETCH: entry(
    'network',
    'A remote source could not be fetched',
    'Check the address and the network.',
    true,
  ),
  CHECKSUM_MISMATCH: entry(
    'corrupt',
    'A fetched file does not have the checksum that was asked for',
    'Check the source, then the checksum.',
  ),
  TAR_INVALID: entry(
    'corrupt',
    'An archive is damaged or hostile',
    'Make the archive again; docs/security.md names the limits.',
  ),
  GIT_FAILED: entry(
    'network',
    'git could not fetch the repository',
    'Try `git ls-remote` with the same address; check the ref and the credentials.',
    true,
  ),

  REF_NOT_FOUND: entry(
    'not-found',
    'A git ref is not there',
    'Check the name after `--ref`; `git fetch --tags` brings what the server has.',
  ),

  // steps
  STEP_FAILED: entry(
    'build',
    'A step of the build failed',
    'Its last lines of output stand above the error; `--progress=plain` shows all of them.',
  ),
  STEP_COMMAND_NOT_FOUND: entry(
    'build',
    'The command of a step is not in the image',
    'Install it in an earlier step, use another base, or correct the name.',
  ),
  STEP_USER_NOT_FOUND: entry(
    'input',
    'The user or group of a step is not in the image',
    'Create it in an earlier step, or use a number.',
  ),
  SECRET_NOT_FOUND: entry('usage', 'A required secret was not given', 'Pass it with `--secret id=...`.'),
  SSH_NOT_FOUND: entry('usage', 'A required SSH agent was not given', 'Pass it with `--ssh default`.'),

  // images and registries
  REFERENCE_INVALID: entry(
    'input',
    'An image reference is not valid',
    'Write it as `[host[:port]/]path[:tag][@digest]`.',
  ),
  PLATFORM_INVALID: entry(
    'usage',
    'A platform is not valid',
    'Write it as `os/architecture[/variant]`, for example `linux/arm64`.',
  ),
  PLATFORM_MISSING: entry(
    'not-found',
    'The image does not exist for the platform',
    'Choose another base or platform.',
  ),
  PLATFORM_NOT_RUNNABLE: entry(
    'environment',
    'This machine cannot run programs of the platform',
    'Install emulation: `apt-get install qemu-user-static binfmt-support`.',
  ),
  MANIFEST_INVALID: entry(
    'corrupt',
    'A manifest, index or config is not valid',
    'The image is broken at its source; push it again.',
  ),
  REBASE_MISMATCH: entry(
    'input',
    'The image cannot be put on another base',
    'Name the base that the image was built on, and a new one of the same platform.',
  ),
  MANIFEST_NOT_FOUND: entry(
    'not-found',
    'The image is not in the registry',
    'Check its name and tag, and that you may read it.',
  ),
  BLOB_NOT_FOUND: entry(
    'not-found',
    'A blob is not in the registry',
    'The image is incomplete at its source; push it again.',
  ),
  DIGEST_MISMATCH: entry(
    'corrupt',
    'Content does not match its digest or size',
    'Try again; if it stays, the source is damaged.',
    true,
  ),
  CACHE_DAMAGED: entry(
    'corrupt',
    'What a cache holds is not what it says',
    'Build without `--cache-from`, or remove the cache; `onebuild cache verify` says what is wrong with it.',
  ),
  CACHE_SIGNATURE: entry(
    'auth',
    'A key for a cache cannot be used, or a cache is not signed with it',
    'Give Ed25519 keys in PEM form: the private one to sign, the public one to verify.',
  ),
  DIGEST_INVALID: entry('input', 'A digest is not valid', 'Write it as `sha256:` and 64 hexadecimal digits.'),
  REGISTRY_UNAUTHORIZED: entry(
    'auth',
    'The registry wants other credentials',
    'Log in: `onebuild login REGISTRY`.',
  ),
  REGISTRY_DENIED: entry(
    'auth',
    'The registry denies the request',
    'Ask for the right to push or pull this repository.',
  ),
  REGISTRY_UNREACHABLE: entry(
    'network',
    'The registry cannot be reached',
    'Check host, port and proxy; for registries that are not in reach, `--mirror HOST=URL`.',
    true,
  ),
  REGISTRY_UNAVAILABLE: entry(
    'network',
    'The registry answers with a fault of its own',
    'Try again later.',
    true,
  ),
  REGISTRY_PROTOCOL: entry(
    'network',
    'The registry gave an answer that the specification does not allow',
    'Check that the address is a registry.',
  ),
  REGISTRY_TLS: entry(
    'network',
    'The TLS connection to the registry failed',
    'Give its CA with `--registry-ca`, or use `--insecure-registry`.',
  ),
  REGISTRY_UNSUPPORTED: entry(
    'network',
    'The registry does not support the request',
    'Raise its limits, or use a registry that follows the OCI distribution specification 1.1.',
  ),
  CREDENTIAL_HELPER: entry('environment', 'A credential helper failed', 'Run the helper by hand to see why.'),
  DOCKER_CONFIG_INVALID: entry(
    'input',
    "Docker's config.json cannot be read",
    'Correct the file that the message names.',
  ),

  // machine
  RUNTIME_MISSING: entry(
    'environment',
    'No way to run a step was found',
    'Install an OCI runtime: `apt-get install crun`.',
  ),
  SANDBOX_FAILED: entry(
    'environment',
    'The sandbox of a step could not be set up',
    '`onebuild doctor` shows what this machine lacks.',
  ),
  ROOTLESS_UNAVAILABLE: entry(
    'environment',
    'Building without root is not possible here',
    'Run `onebuild doctor`; `apt-get install uidmap` and a range in /etc/subuid are needed.',
  ),
  LIMIT_UNAVAILABLE: entry(
    'environment',
    'A memory or CPU limit cannot be set here',
    'Run as root, or delegate a cgroup to the user.',
  ),
  TOOL_MISSING: entry(
    'environment',
    'A program that is needed is not installed',
    'Install the package that the message names.',
  ),
  DISK_FULL: entry(
    'environment',
    'There is no room on the disk',
    'Free space where the store or the output is: `onebuild store gc` removes what is not needed.',
  ),
  STORE_LOCKED: entry(
    'conflict',
    'The store is in use by another process',
    'Wait until it ends, or name another store with `--home`.',
    true,
  ),
  STORE_CORRUPT: entry('corrupt', 'The store is damaged', 'Run `onebuild store verify`, then build again.'),
  STORE_VERSION: entry(
    'environment',
    'The store was written by a newer version',
    'Use that version, or name another store.',
  ),
  FILE_ACCESS: entry(
    'environment',
    'A file cannot be read or written',
    'Check the path and its permissions.',
  ),

  // outputs
  OUTPUT_INVALID: entry(
    'usage',
    'An output is not valid',
    'See `onebuild build --help` for the types of outputs.',
  ),
  OUTPUT_LOAD: entry(
    'environment',
    'The image could not be loaded into the local engine',
    'Check that Docker or Podman runs.',
  ),

  CANCELED: entry('canceled', 'The work was canceled', 'Start it again when you want it.'),
  INTERNAL: entry('internal', 'OneBuild has a defect', 'Please report it with the message and the version.'),
} satisfies Record<string, CatalogEntry>);

export type ErrorCode = keyof typeof errorCatalog;

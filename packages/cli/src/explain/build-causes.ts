/** What brings the errors of a build about, and how to tell: by code. Shown by `onebuild explain` and in docs/errors. */
export const buildCauses = {
  USAGE: [
    'A flag or command is misspelled: the hint names the closest one.',
    'A flag has no value, or one in another form: `onebuild help COMMAND` shows the form.',
    'Two flags exclude each other, or one needs another (`--push` needs `-t`).',
  ],
  DOCKERFILE_PARSE: [
    'A heredoc is not closed, a parser directive is wrong, or the file is empty.',
    'The file is not text: a binary, or UTF-16 written by an editor on Windows.',
  ],
  DOCKERFILE_INSTRUCTION: [
    'An instruction or one of its flags is misspelled; the hint names the closest one.',
    'It has too few or too many arguments, or a value in a form that is not known.',
    'It asks for an allowance that the command line has to give: `RUN --security=insecure` needs `--allow security.insecure`.',
  ],
  DOCKERFILE_EXPANSION: [
    'A `${...}` is not closed, or uses a form that Dockerfiles do not have.',
    '`${NAME:?words}` says that NAME has to be set, and it is not.',
  ],
  DOCKERFILE_STAGE: [
    '`--target` or `--from` names a stage that is not there; the hint lists those that are.',
    'Two stages have one name, a stage copies from itself, or an instruction stands before the first FROM.',
  ],
  DOCKERFILE_NOT_FOUND: [
    'The context has no file with the name `Dockerfile`; the hint lists files that look like one.',
    '`-f` is looked up from the current folder first, then in the context.',
  ],
  IGNORE_PATTERN: ['A `[` is not closed, a `\\` ends the line, or `!` stands alone in `.dockerignore`.'],
  TEMPLATE_PARAMETER: [
    'The Dockerfile is rendered before it is parsed, and uses a parameter that `template:` does not give.',
    'The Dockerfile is no template: leave `template:` out of the project file.',
  ],
  PROJECT_NOT_FOUND: [
    'The folder has neither onebuild.yaml nor a bake file, a compose file or a Dockerfile.',
    'The path behind `-f` is misspelled, or relative to another folder.',
  ],
  PROJECT_PARSE: [
    'The YAML, HCL or JSON is not well formed: indentation, a quote or a brace.',
    'A key is written twice in one map.',
  ],
  PROJECT_INVALID: [
    'A key is misspelled: the hint names the closest one.',
    'A value has another form than the key takes, or names a registry, a variant or a target that is not there.',
    'The file uses a feature that is not supported; the message names it.',
  ],
  PROJECT_EXPANSION: [
    'A `${...}` names something that is not known: environment variables are written `${env.NAME}`, facts of git `${git.sha}`.',
    'The folder is not in a git repository, and a value uses one of its facts without a default.',
    '`${name:?words}` says that the name has to have a value, and it has none.',
  ],
  TARGET_NOT_FOUND: [
    'The name is misspelled: the hint names the closest one.',
    'The target is in another file: name it with `-f`.',
  ],
  CONTEXT_NOT_FOUND: [
    'The path after the flags is misspelled, or relative to another folder.',
    'The path is a Dockerfile: name its folder, and the file with `-f`.',
    'The subfolder after `#ref:` is not in the git repository.',
  ],
  CONTEXT_READ: [
    'A file belongs to another user, and COPY takes it. Files that no step takes are not read.',
    'Standard input is neither a tar archive nor a Dockerfile.',
  ],
  CONTEXT_CHANGED: [
    'An editor, a compiler or another build writes into the context while it is read.',
    'Logs or a database are in the context: name them in `.dockerignore`.',
  ],
  SOURCE_NOT_FOUND: [
    'The path is misspelled; paths start at the top of the context, and `..` does not lead out of it.',
    '`.dockerignore` leaves it out.',
    'With `--from`, the stage or image has no such file: look with `onebuild inspect --files`.',
  ],
  SOURCE_FETCH: [
    'The address is wrong, or the server is down: try it with `curl -I`.',
    'A proxy is needed: set HTTPS_PROXY.',
  ],
  CHECKSUM_MISMATCH: [
    'The file behind the address was replaced: find out why before you change the checksum.',
    'For git, the branch or tag has moved on.',
  ],
  TAR_INVALID: [
    'The archive was cut off while it was copied, or is of another format.',
    'It holds paths or links that lead out of its root, or is larger than the limits that docs/security.md names.',
  ],
  GIT_FAILED: [
    'The address, branch or tag is misspelled, or the repository is private.',
    'For SSH addresses no key is at hand: start an agent and give it with `--ssh default`.',
  ],
  REF_NOT_FOUND: [
    'The branch, tag or commit after `--ref` is misspelled: the hint names the closest one.',
    'It is on the server only: fetch it. CI systems often clone one commit and no tags.',
    'The folder is in no git repository.',
  ],
  STEP_FAILED: [
    'The command itself failed. Its last lines are printed between the rules above the error.',
    'Exit code 127: the shell did not find a command. 126: it may not be executed. 137: it was killed, mostly for memory.',
    'It needs a file that no COPY brought, or a network that the machine does not have.',
  ],
  STEP_COMMAND_NOT_FOUND: [
    'The base has no shell: `FROM scratch` and distroless images have none. Use the form `RUN ["program", "argument"]`.',
    'The program is for another platform, or its interpreter (the first line, `#!`) is missing.',
  ],
  STEP_USER_NOT_FOUND: [
    'USER or `--chown` names somebody whom /etc/passwd or /etc/group of the image does not have.',
    'The image has no such file at all (`FROM scratch`): use numbers.',
  ],
  SECRET_NOT_FOUND: [
    'The Dockerfile requires a secret, and the command line has no `--secret` of that id.',
    '`--secret` names a file or a variable that is not there.',
  ],
  SSH_NOT_FOUND: [
    'No SSH agent runs: SSH_AUTH_SOCK is not set. With sudo it is lost: use `sudo -E`.',
    'The Dockerfile requires an agent of another id.',
  ],
  PLATFORM_INVALID: ['`--platform`, or `FROM --platform`, is misspelled: `linux/x86`, `arm64/linux`.'],
  PLATFORM_NOT_RUNNABLE: [
    'A RUN step of another platform needs an emulator. Steps without RUN need none.',
    'Where only the result is for another platform, compile on this one: `FROM --platform=$BUILDPLATFORM`.',
  ],
  RUNTIME_MISSING: [
    'RUN needs `crun`, `runc` or namespaces, and none is there; or `--sandbox` names one that is not installed.',
  ],
  SANDBOX_FAILED: [
    'OneBuild runs in a container that may not mount or make namespaces: start that one with more rights.',
    'The kernel lacks overlayfs or a control group.',
  ],
  ROOTLESS_UNAVAILABLE: [
    'The user has no range of ids in /etc/subuid and /etc/subgid.',
    'The system forbids user namespaces, as containers and Ubuntu from 24.04 do.',
  ],
  LIMIT_UNAVAILABLE: [
    '`--memory` and `--cpus` need a control group, which a plain user mostly may not make.',
  ],
  TOOL_MISSING: [
    '`git` for git contexts, `ssh-agent` for `--ssh` with a key, `unshare` for builds without root.',
  ],
  OUTPUT_INVALID: ['`-o` has a type or field that is not known, or lacks `dest=`.'],
  OUTPUT_LOAD: [
    'No Docker runs and Podman is not installed; or DOCKER_HOST leads somewhere else.',
    'The user may not use the socket: be in the group `docker`, or be root.',
  ],
} as const;

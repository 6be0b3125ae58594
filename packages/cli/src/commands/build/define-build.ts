import { type Command, Option } from 'commander';
import type { CliContext } from '../../cli-context.ts';
import { progressModes } from '../../display/display.ts';
import { cacheAccesses } from '../../settings/cache-access.ts';
import { collect } from '../../flags/collect.ts';
import { addRegistryFlags } from '../../flags/registry-flags.ts';
import { addNotes, type CommandNotes } from '../../help/command-notes.ts';
import type { BuildFlags } from './build-flags.ts';
import { ignoredFlags } from './ignored-flags.ts';

const notes: CommandNotes = {
  text: [
    'Without a context, the targets of onebuild.yaml, of a bake file, or of the Dockerfiles of the folder (Dockerfile, Dockerfile.VARIANT) are built ' +
      'in one graph: what they have in common is done once, and all tags of all of them move, or none. Names build some of them.',
    'The context is what COPY and ADD can see: a folder, a git URL (URL#REF:SUBFOLDER), the URL of a tar archive, or - ' +
      'for a tar archive or a Dockerfile on standard input. Files that .dockerignore names stay out.',
    'Types of -o: registry (push), oci and docker (archive in dest, for docker without dest: load), local (files in ' +
      'a folder), tar (files in an archive), image (the store). Archives take compression=gzip, zstd or uncompressed.',
    'A cache takes mode=min (what images stand on; default) or max (all steps), mounts=true for RUN --mount=type=cache, mounts-size, ' +
      'max-size, max-age=30d, sign=KEY; --cache-from takes verify=KEY. Without ref it is IMAGE:onebuild-cache. It may be shared by many builds at once.',
    'Without --push, --load or -o the image stays in the local store and goes nowhere. Flags that name one thing of ' +
      'several (-t, --build-arg, --secret, --label, -o and others) may be repeated.',
  ],
  examples: [
    {
      about: 'Build this folder and push it',
      line: 'onebuild build -t registry.example.com/app:1.0 --push .',
    },
    {
      about: 'Dockerfile and Dockerfile.NAME: app:1.0 and app-NAME:1.0',
      line: 'onebuild build -t registry.example.com/app:1.0 --push',
    },
    {
      about: 'A variant and a group of onebuild.yaml, or of docker-bake.hcl',
      line: 'onebuild build --push helper.kylinv10 tools',
    },
    { about: 'Give it to the local Docker or Podman', line: 'onebuild build -t app --load .' },
    {
      about: 'Another Dockerfile, one of its stages, an argument',
      line: 'onebuild build -f Dockerfile.prod --target server --build-arg VERSION=1.0 .',
    },
    {
      about: 'Two platforms under one name',
      line: 'onebuild build --platform linux/amd64,linux/arm64 -t ghcr.io/me/app --push .',
    },
    {
      about: 'A secret file and the SSH agent, for RUN --mount',
      line: 'onebuild build --secret id=npm,src=$HOME/.npmrc --ssh default .',
    },
    {
      about: 'An archive instead of a push',
      line: 'onebuild build -o type=oci,dest=app.tar,compression=zstd .',
    },
    {
      about: 'Only the files of a stage, into a folder',
      line: 'onebuild build --target artifacts -o ./out .',
    },
    {
      about: 'On a worker that forgets: a cache beside the image',
      line: 'onebuild build -t r.io/app --cache-from type=registry --cache-to type=registry',
    },
    {
      about: 'A git repository: a branch, and a folder in it',
      line: 'onebuild build https://git.example.com/app.git#main:server',
    },
    { about: 'Lint the Dockerfile, build nothing', line: 'onebuild build --check .' },
  ],
  see: [
    'onebuild help login        credentials for registries',
    'onebuild doctor            what RUN needs on this machine',
    'docs/guide/build.md, docs/guide/project-file.md',
    'docs/guide/outputs.md, docs/guide/secrets.md, docs/guide/caches.md',
  ],
};

export function defineBuild(program: Command, context: CliContext): void {
  const command = program
    .command('build')
    .description('build an image from a Dockerfile')
    .argument(
      '[what...]',
      'names of targets of a project; or a context: folder, git URL, URL of a tar archive, or - (default: the project of this folder, else its Dockerfile)',
    )
    .optionsGroup('What to build:')
    .addOption(
      repeated(
        '-f, --file <path>',
        'the Dockerfile, from the current folder or the context; - reads standard input (default: Dockerfile); or the project file or its folder, and for bake several',
      ),
    )
    .option('--target <stage>', 'build this stage and what it needs (default: the last)')
    .addOption(
      repeated(
        '--platform <platform>',
        'what to build for, for example linux/amd64,linux/arm64 (default: this machine)',
      ),
    )
    .addOption(
      repeated('--build-arg <name=value>', 'value of an ARG; NAME alone takes it from the environment'),
    )
    .addOption(
      repeated(
        '--build-context <name=source>',
        'a further context for FROM and --from: folder, URL, docker-image://..., oci-layout://...',
      ),
    )
    .addOption(
      repeated(
        '--bind <name=variant>',
        'an image name in Dockerfiles that means a variant of this folder, or VARIANT/STAGE',
      ),
    )
    .addOption(
      repeated('--ref <ref>', 'build this branch, tag or commit of the repository, from a clean checkout'),
    )
    .addOption(repeated('--set <target.key=value>', 'override a value of a bake or compose file'))
    .addOption(repeated('--secret <spec>', 'for RUN --mount=type=secret: id=ID,src=FILE or id=ID,env=NAME'))
    .addOption(
      repeated(
        '--ssh <spec>',
        'for RUN --mount=type=ssh: default (the running agent), ID=SOCKET or ID=KEYFILE',
      ),
    )
    .addOption(repeated('--label <key=value>', 'label of the image'))
    .addOption(repeated('--annotation <key=value>', 'annotation of the manifest'))
    .optionsGroup('Where it goes:')
    .addOption(repeated('-t, --tag <name>', 'name of the image: [registry/]name[:tag]'))
    .option('--push', 'push to the registries of all -t; short for -o type=registry')
    .option('--load', 'give it to the local Docker, else to Podman; short for -o type=docker')
    .addOption(
      repeated(
        '-o, --output <spec>',
        'where the result goes: type=TYPE,dest=PATH (see below), a folder for its files, or - for a tar of them',
      ),
    )
    .option('--metadata-file <path>', 'write digests and names to a file, as JSON')
    .addOption(
      repeated(
        '--outputs-file <path>',
        'write names and digests for scripts: NAME=VALUE lines, or JSON (*.json)',
      ),
    )
    .option('--iidfile <path>', "write the image's id to a file")
    .optionsGroup('Cache:')
    .option('--no-cache', 'run every step again')
    .addOption(
      repeated(
        '--no-cache-filter <stage>',
        "run the steps of these stages again, or those whose text this is: 'RUN apt-get update*'",
      ),
    )
    .option('--pull', 'ask registries for bases again; always done, so without effect')
    .addOption(
      repeated(
        '--cache-from <spec>',
        'take results from type=registry,ref=NAME, or type=local,src=FOLDER; first come, first served',
      ),
    )
    .addOption(
      repeated(
        '--cache-to <spec>',
        'keep results in type=registry,ref=NAME, or type=local,dest=FOLDER, for others (see below)',
      ),
    )
    .addOption(
      new Option(
        '--cache-access <access>',
        'what may be done with these caches (default: ONEBUILD_CACHE_ACCESS, else read-write)',
      ).choices(cacheAccesses),
    )
    .optionsGroup('How it runs:')
    .addOption(
      new Option('--network <mode>', 'network of RUN; default and host are the same')
        .choices(['default', 'host', 'none'])
        .default('default'),
    )
    .addOption(
      repeated(
        '--add-host <name:address>',
        'line for /etc/hosts of RUN; host-gateway stands for this machine',
      ),
    )
    .addOption(
      repeated('--allow <entitlement>', 'what the Dockerfile may ask for: security.insecure, network.host'),
    )
    .option('-m, --memory <bytes>', 'memory that a RUN may take, for example 2g')
    .option('--cpus <cores>', 'cores that a RUN may take, for example 1.5')
    .option('--shm-size <bytes>', 'size of /dev/shm in RUN, for example 128m')
    .option('--jobs <count>', 'steps that run at once (default: number of cores)')
    .option(
      '--timestamp <when>',
      'times in the image: auto (fixed), commit, preserve, or seconds since 1970 (default: SOURCE_DATE_EPOCH, else auto)',
    )
    .addOption(
      new Option('--sandbox <kind>', 'what isolates RUN; auto takes the first that is there')
        .choices(['auto', 'crun', 'runc', 'unshare'])
        .default('auto'),
    )
    .option('--home <folder>', 'folder of the store (default: ONEBUILD_HOME, else see docs/guide/store.md)')
    .optionsGroup('What it shows:')
    .addOption(
      new Option('--progress <mode>', 'how it is shown; auto is tty on a terminal, else plain').choices(
        progressModes,
      ),
    )
    .option('-q, --quiet', "print the image's id and nothing else")
    .option('--check', 'check the Dockerfile, build nothing; short for --call check')
    .addOption(
      new Option('--call <method>', 'what to do with the Dockerfile').choices([
        'build',
        'check',
        'outline',
        'targets',
      ]),
    )
    .optionsGroup('Registries:');
  addRegistryFlags(command);
  addCompatibleFlags(command);
  addNotes(command, notes).action(async (words: readonly string[], flags: BuildFlags) => {
    const { runBuildCommand } = await import('./run-build-command.ts');
    await runBuildCommand(context, words, flags);
  });
}

/** Accepted so that existing command lines work; each says in a warning what it doesn't do. */
function addCompatibleFlags(command: Command): void {
  command
    .optionsGroup('Accepted for compatibility:')
    .addOption(repeated('--attest <spec>', 'attestations are not made'))
    .option('--provenance <value>', 'attestations are not made')
    .option('--sbom <value>', 'attestations are not made')
    .option('--builder <name>', 'there is one builder')
    .addOption(repeated('--ulimit <spec>', 'refused: RUN has the limits of the shell that starts OneBuild'));
  for (const flags of ignoredFlags) command.addOption(new Option(flags).hideHelp());
}

function repeated(flags: string, description: string): Option {
  return new Option(flags, description).argParser(collect).default([], '');
}

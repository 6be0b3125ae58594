import { type Command, Option } from 'commander';
import type { CliContext } from '../../cli-context.ts';
import { progressModes } from '../../display/display.ts';
import { collect } from '../../flags/collect.ts';
import { addRegistryFlags } from '../../flags/registry-flags.ts';
import type { BuildFlags } from './build-flags.ts';
import { ignoredFlags } from './ignored-flags.ts';

const examples = `
The context is a folder, a git URL (URL#ref:subfolder), the URL of a tar archive, or - for a tar archive or a
Dockerfile on standard input.

Examples:
  onebuild build -t registry.example.com/app:1.0 --push .
  onebuild build -f docker/Dockerfile.prod --build-arg VERSION=1.0 --target server .
  onebuild build --secret id=npm,src=$HOME/.npmrc --ssh default .
  onebuild build -o type=oci,dest=app.tar,compression=zstd .
  onebuild build -o ./out --target artifacts .
  onebuild build --check .`;

export function defineBuild(program: Command, context: CliContext): void {
  const command = program
    .command('build')
    .description('build an image from a Dockerfile')
    .argument('[context]', 'folder, URL or -', '.')
    .optionsGroup('What to build:')
    .option('-f, --file <path>', 'Dockerfile (default: Dockerfile in the context; - reads standard input)')
    .option('--target <stage>', 'stage to build')
    .addOption(repeated('--platform <platform>', 'platforms, for example linux/amd64,linux/arm64'))
    .addOption(
      repeated('--build-arg <name=value>', 'set a build argument; NAME alone takes it from the environment'),
    )
    .addOption(
      repeated(
        '--build-context <name=source>',
        'a further context: folder, URL, docker-image://, oci-layout://',
      ),
    )
    .addOption(repeated('--secret <spec>', 'secret for RUN --mount=type=secret: id=ID[,src=FILE|,env=NAME]'))
    .addOption(repeated('--ssh <spec>', 'SSH agent for RUN --mount=type=ssh: default, or ID=SOCKET'))
    .addOption(repeated('--label <key=value>', 'label of the image'))
    .addOption(repeated('--annotation <key=value>', 'annotation of the manifest'))
    .optionsGroup('Where it goes:')
    .addOption(repeated('-t, --tag <name>', 'name of the image: [registry/]name[:tag]; repeat for several'))
    .option('--push', 'push to the registries of the tags; short for -o type=registry')
    .option('--load', 'load into the local Docker or Podman; short for -o type=docker')
    .addOption(
      repeated(
        '-o, --output <spec>',
        'type=image|registry|oci|docker|local|tar,dest=PATH,...; PATH alone; - for tar',
      ),
    )
    .option('--metadata-file <path>', 'write digests and names as JSON')
    .option('--iidfile <path>', "write the image's id")
    .optionsGroup('Cache:')
    .option('--no-cache', 'run all steps again')
    .addOption(repeated('--no-cache-filter <stage>', 'run the steps of these stages again'))
    .option('--pull', 'ask the registry for bases again (always done; accepted)')
    .addOption(repeated('--cache-from <spec>', 'accepted, without effect: the local store is the cache'))
    .addOption(repeated('--cache-to <spec>', 'accepted, without effect: the local store is the cache'))
    .optionsGroup('How it runs:')
    .addOption(
      new Option('--network <mode>', 'network of RUN')
        .choices(['default', 'host', 'none'])
        .default('default'),
    )
    .addOption(repeated('--add-host <name:address>', 'line for /etc/hosts in RUN'))
    .addOption(repeated('--allow <entitlement>', 'allow security.insecure or network.host'))
    .option('-m, --memory <bytes>', 'memory limit of a RUN, for example 2g')
    .option('--cpus <cores>', 'CPU limit of a RUN, for example 1.5')
    .option('--shm-size <bytes>', 'size of /dev/shm in RUN')
    .option('--jobs <count>', 'steps that run at once (default: number of CPUs)')
    .option(
      '--timestamp <when>',
      'times in the image: auto, commit, preserve or seconds since 1970 (default: SOURCE_DATE_EPOCH, else auto)',
    )
    .addOption(
      new Option('--sandbox <kind>', 'what isolates RUN')
        .choices(['auto', 'crun', 'runc', 'unshare'])
        .default('auto'),
    )
    .option('--home <folder>', 'folder of the store (default: ONEBUILD_HOME)')
    .optionsGroup('What it shows:')
    .addOption(new Option('--progress <mode>', 'display (default: auto)').choices(progressModes))
    .option('-q, --quiet', "print only the image's id")
    .option('--check', 'lint the Dockerfile and build nothing; short for --call=check')
    .addOption(
      new Option('--call <method>', 'do something else with the Dockerfile').choices([
        'build',
        'check',
        'outline',
        'targets',
      ]),
    )
    .optionsGroup('Registries:');
  addRegistryFlags(command);
  addCompatibleFlags(command);
  command.addHelpText('after', examples).action(async (source: string, flags: BuildFlags) => {
    const { runBuildCommand } = await import('./run-build-command.ts');
    await runBuildCommand(context, source, flags);
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
    .addOption(repeated('--ulimit <spec>', 'not supported'));
  for (const flags of ignoredFlags) command.addOption(new Option(flags).hideHelp());
}

function repeated(flags: string, description: string): Option {
  return new Option(flags, description).argParser(collect).default([], '');
}

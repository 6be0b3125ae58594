import { Command } from 'commander';
import type { CliContext } from './cli-context.ts';
import { defineBuild } from './commands/build/define-build.ts';
import { defineCompletion } from './commands/completion.ts';
import { defineDoctor } from './commands/doctor.ts';
import { defineInspect } from './commands/inspect/define-inspect.ts';
import { defineLogin, defineLogout } from './commands/login.ts';
import { defineRegistry } from './commands/registry.ts';
import { defineStore } from './commands/store.ts';

const examples = `
Examples:
  onebuild build -t registry.example.com/app:1.0 --push .
  onebuild build --platform linux/amd64,linux/arm64 -o type=oci,dest=app.tar .
  onebuild inspect registry.example.com/app:1.0
  onebuild doctor

Environment:
  ONEBUILD_HOME       folder of the store
  ONEBUILD_PROGRESS   default of --progress
  SOURCE_DATE_EPOCH   time, in seconds, of everything that a build makes
  DOCKER_CONFIG       folder with config.json (credentials)
  HTTP_PROXY, HTTPS_PROXY, NO_PROXY, NO_COLOR`;

/** The whole command tree. Commands load what they need when they run. */
export function createProgram(context: CliContext): Command {
  const program = new Command('onebuild')
    .description('Builds container images from Dockerfiles: no daemon, reproducible, straight to a registry.')
    .version(`onebuild ${context.version}`, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help of a command')
    .option('-D, --debug', 'show stack traces of faults')
    .addHelpText('after', examples)
    .showSuggestionAfterError()
    .exitOverride()
    .configureHelp({ helpWidth: Math.min(context.stdout.columns || 100, 110), showGlobalOptions: false })
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      // The complaint comes as an exception, too, and is printed once, with its hint.
      outputError: () => {},
    });
  defineBuild(program, context);
  defineInspect(program, context);
  defineDoctor(program, context);
  defineStore(program, context);
  defineRegistry(program, context);
  defineLogin(program, context);
  defineLogout(program, context);
  defineCompletion(program, context);
  program
    .command('version')
    .description('print the version')
    .action(() => {
      context.stdout.write(`onebuild ${context.version}\n`);
    });
  return program;
}

import { Command } from 'commander';
import type { CliContext } from './cli-context.ts';
import { defineCache } from './commands/cache/define-cache.ts';
import { defineBuild } from './commands/build/define-build.ts';
import { defineCompletion } from './commands/completion.ts';
import { defineConfig } from './commands/config/define-config.ts';
import { defineDoctor } from './commands/doctor.ts';
import { defineExplain } from './commands/explain/define-explain.ts';
import { defineInit } from './commands/init/define-init.ts';
import { defineInspect } from './commands/inspect/define-inspect.ts';
import { defineLint } from './commands/lint/define-lint.ts';
import { defineLogin, defineLogout } from './commands/login.ts';
import { definePlan } from './commands/plan/define-plan.ts';
import { defineRegistry } from './commands/registry.ts';
import { defineStore } from './commands/store.ts';
import { addNotes, type CommandNotes } from './help/command-notes.ts';
import { defineHelp } from './help/define-help.ts';
import { createHelpStyle } from './help/help-style.ts';

const notes: CommandNotes = {
  text: [
    'The flags of build are those of `docker buildx build`. No daemon has to run, and root is not needed.',
  ],
  environment: {
    ONEBUILD_HOME: 'folder of the store',
    ONEBUILD_PROGRESS: 'default of --progress',
    ONEBUILD_CACHE_ACCESS: 'default of --cache-access',
    SOURCE_DATE_EPOCH: 'seconds since 1970: time of all that a build makes',
    DOCKER_CONFIG: 'folder with config.json, for credentials',
    ONEBUILD_CONFIG: 'folder with auth.json, for more credentials',
    ONEBUILD_REGISTRY_ENDPOINT: 'HOST=URL ...: default of --registry-endpoint',
    DOCKER_HOST: 'where --load finds Docker',
    'HTTP_PROXY, ...': 'also HTTPS_PROXY and NO_PROXY',
    NO_COLOR: 'no colours, also not those of steps',
  },
  examples: [
    { about: 'What this machine offers for builds', line: 'onebuild doctor' },
    {
      about: 'Build the folder, and push the image to its registry',
      line: 'onebuild build -t registry.example.com/app:1.0 --push .',
    },
    {
      about: 'For two platforms, into one archive',
      line: 'onebuild build --platform linux/amd64,linux/arm64 -o type=oci,dest=app.tar .',
    },
    { about: 'What is in an image', line: 'onebuild inspect registry.example.com/app:1.0' },
  ],
  see: [
    'onebuild help COMMAND      flags and examples of a command',
    'onebuild explain           why steps of the last build ran or not',
    'onebuild explain CODE      what an error means, and what to do',
    'docs/README.md             the guide',
  ],
};

/**
 * The whole command tree; for a command line that begins with `build`, which starts most often, that command alone: hundreds of flags
 * take a while to define. Commands load what they need when they run.
 */
export function createProgram(context: CliContext, word?: string): Command {
  const program = new Command('onebuild')
    .description('build container images from Dockerfiles: no daemon, reproducible, to any registry')
    .version(`onebuild ${context.version}`, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .option('-D, --debug', 'show where in the code an error was made')
    .showSuggestionAfterError()
    .exitOverride()
    .configureHelp(createHelpStyle(context.stdout.columns))
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      // The complaint comes as an exception, too, and is printed once, with its hint.
      outputError: () => {},
    });
  addNotes(program, notes);
  defineBuild(program, context);
  if (word === 'build') return program.helpCommand(false);
  definePlan(program, context);
  defineExplain(program, context);
  defineConfig(program, context);
  defineInit(program, context);
  defineInspect(program, context);
  defineLint(program, context);
  defineDoctor(program, context);
  defineCache(program, context);
  defineStore(program, context);
  defineRegistry(program, context);
  defineLogin(program, context);
  defineLogout(program, context);
  defineCompletion(program, context);
  defineHelp(program, context);
  const version = program
    .command('version')
    .description('print the version')
    .action(() => {
      context.stdout.write(`onebuild ${context.version}\n`);
    });
  addNotes(version, {
    examples: [
      { about: 'For people', line: 'onebuild version' },
      { about: 'The same, quicker', line: 'onebuild --version' },
    ],
    see: ['CHANGELOG.md'],
  });
  return program;
}

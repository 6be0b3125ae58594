import { type Command, Option } from 'commander';
import type { CliContext } from '../../cli-context.ts';
import { addNotes, type CommandNotes } from '../../help/command-notes.ts';
import type { BuildFlags } from '../build/build-flags.ts';

export interface PlanFlags extends BuildFlags {
  readonly format: 'text' | 'json' | 'dot' | 'mermaid';
}

/** Flags of build that say what is done with a result: taken, so that a command line of build is one of plan, and without effect. */
const resultFlags: ReadonlySet<string> = new Set([
  '--tag',
  '--push',
  '--load',
  '--output',
  '--metadata-file',
  '--iidfile',
  '--outputs-file',
  '--annotation',
  '--progress',
  '--quiet',
  '--check',
  '--call',
  '--memory',
  '--cpus',
  '--shm-size',
  '--jobs',
  '--sandbox',
  '--cache-to',
  '--attest',
  '--provenance',
  '--sbom',
  '--builder',
  '--ulimit',
]);

const notes: CommandNotes = {
  text: [
    'Reads Dockerfiles and contexts and looks bases up, as a build does, and says for each step whether its result is there, and if not, why. Nothing is run, fetched or written. All flags of `onebuild build` are taken; those that only say what to do with the result have no effect.',
    'A step that stands on one that runs is marked as open: if that one makes the same as before, it need not run.',
  ],
  examples: [
    { about: 'What a build of this folder would do', line: 'onebuild plan' },
    {
      about: 'One variant, for two platforms',
      line: 'onebuild plan --platform linux/amd64,linux/arm64 helper.kylinv10',
    },
    { about: 'As a picture', line: 'onebuild plan --format dot . | dot -Tsvg > plan.svg' },
    { about: 'For Markdown on a code host', line: 'onebuild plan --format mermaid' },
  ],
  see: ['onebuild explain           what the last build did, and why', 'docs/guide/explain.md'],
};

/** `onebuild plan`; `build` is the command whose flags it takes. */
export function definePlan(program: Command, context: CliContext): void {
  const build = program.commands.find((command) => command.name() === 'build');
  const command = program
    .command('plan')
    .description(
      'show what a build would do, without doing it: what is cached, what runs and why, what is shared',
    )
    .argument('[what...]', 'names of targets of a project, or a context, as for build')
    .addOption(
      new Option('--format <format>', 'form of the output: text, json, dot (Graphviz) or mermaid')
        .choices(['text', 'json', 'dot', 'mermaid'])
        .default('text'),
    );
  for (const option of build?.options ?? []) command.addOption(planOption(option));
  addNotes(command, notes).action(async (words: readonly string[], flags: PlanFlags) => {
    const { runPlan } = await import('./run-plan.ts');
    await runPlan(context, words, flags);
  });
}

function planOption(option: Option): Option {
  const { long } = option;
  if (long === undefined || !resultFlags.has(long)) return option;
  const own = new Option(option.flags, option.description).hideHelp();
  if (option.defaultValue !== undefined) own.default(option.defaultValue, '');
  if (option.parseArg !== undefined) own.argParser(option.parseArg);
  return own;
}

import { type Command, Option } from 'commander';
import type { CliContext } from '../../cli-context.ts';
import { addRegistryFlags, type RegistryFlags } from '../../flags/registry-flags.ts';
import { addNotes, type CommandNotes } from '../../help/command-notes.ts';

export interface InspectFlags extends RegistryFlags {
  readonly platform?: string;
  readonly files?: string;
  readonly format: 'text' | 'json';
}

const notes: CommandNotes = {
  text: ['Nothing is pulled but manifests and config, and with --files the one layer.'],
  examples: [
    { about: 'An image of Docker Hub', line: 'onebuild inspect debian:12' },
    {
      about: 'Another platform, for a script',
      line: 'onebuild inspect --platform linux/arm64 --format json reg.example.com/app:1',
    },
    {
      about: 'The files of the second layer of an archive',
      line: 'onebuild inspect --files 2 oci-layout:./app.tar',
    },
  ],
  see: ['onebuild help login', 'docs/guide/registries.md'],
};

export function defineInspect(program: Command, context: CliContext): void {
  const command = program
    .command('inspect')
    .description("show an image's config, layers and files")
    .argument('<reference>', 'image in a registry, or oci-layout:PATH[:TAG][@DIGEST] (folder or archive)')
    .option('--platform <platform>', 'which image of a multi-platform one (default: for this machine)')
    .option('--files <layer>', 'list the files of a layer: its number from 1, or its digest')
    .addOption(
      new Option('--format <format>', 'form of the output').choices(['text', 'json']).default('text'),
    );
  addNotes(addRegistryFlags(command), notes).action(async (reference: string, flags: InspectFlags) => {
    const { inspect } = await import('./run-inspect.ts');
    await inspect(context, reference, flags);
  });
}

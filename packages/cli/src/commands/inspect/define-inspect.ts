import { type Command, Option } from 'commander';
import type { CliContext } from '../../cli-context.ts';
import { addRegistryFlags, type RegistryFlags } from '../../flags/registry-flags.ts';

export interface InspectFlags extends RegistryFlags {
  readonly platform?: string;
  readonly files?: string;
  readonly format: 'text' | 'json';
}

const examples = `
Examples:
  onebuild inspect debian:12
  onebuild inspect --platform linux/arm64 --format json registry.example.com/app:1.0
  onebuild inspect --files 2 oci-layout:./app.tar`;

export function defineInspect(program: Command, context: CliContext): void {
  const command = program
    .command('inspect')
    .description("show an image's config, layers and files")
    .argument('<reference>', 'image in a registry, or oci-layout:PATH[:TAG][@DIGEST] (folder or archive)')
    .option('--platform <platform>', 'image of an index (default: the one for this machine)')
    .option('--files <layer>', 'list the files of a layer: its number from 1, or its digest')
    .addOption(
      new Option('--format <format>', 'form of the output').choices(['text', 'json']).default('text'),
    );
  addRegistryFlags(command)
    .addHelpText('after', examples)
    .action(async (reference: string, flags: InspectFlags) => {
      const { inspect } = await import('./run-inspect.ts');
      await inspect(context, reference, flags);
    });
}

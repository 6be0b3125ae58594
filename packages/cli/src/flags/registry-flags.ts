import { type Command, Option } from 'commander';
import { collect } from './collect.ts';

/** Flags of every command that talks to registries. */
export interface RegistryFlags {
  readonly insecureRegistry: readonly string[];
  readonly registryCa: readonly string[];
  readonly mirror: readonly string[];
  readonly registryEndpoint: readonly string[];
}

export function addRegistryFlags(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--insecure-registry <host>',
        'allow plain HTTP and unchecked certificates for this registry',
      )
        .argParser(collect)
        .default([], ''),
    )
    .addOption(
      new Option('--registry-ca <file>', 'trust the certificate authorities in a PEM file')
        .argParser(collect)
        .default([], ''),
    )
    .addOption(
      new Option('--mirror <host=url>', 'when pulling from HOST, ask URL first')
        .argParser(collect)
        .default([], ''),
    )
    .addOption(
      new Option('--registry-endpoint <host=url>', 'reach the registry HOST at URL; names of images stay')
        .argParser(collect)
        .default([], ''),
    );
}

import type { Argument, Command, Help, Option } from 'commander';
import { narrowHelp } from './command-notes.ts';

/** How help pages look: what commander writes of flags in JSON is for programmers. */
export function createHelpStyle(columns: number | undefined): Partial<Help> {
  return {
    helpWidth: Math.min(columns || narrowHelp, 100),
    showGlobalOptions: false,
    commandDescription: (command: Command) => sentence(command.description()),
    subcommandTerm: (command: Command) => command.name(),
    optionDescription: describe,
    argumentDescription: describe,
  };
}

/** What a flag or argument is for, what it can be, and what it is by default. */
function describe({
  description,
  argChoices,
  defaultValue,
}: Pick<Option | Argument, 'description' | 'argChoices' | 'defaultValue'>): string {
  const facts = [
    ...(argChoices === undefined ? [] : [argChoices.join(', ')]),
    ...(typeof defaultValue === 'string' ? [`default: ${defaultValue}`] : []),
  ];
  return facts.length === 0 ? description : `${description} (${facts.join('; ')})`;
}

/** With a capital letter and a full stop. */
export function sentence(text: string): string {
  const first = /^\w+=/.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}

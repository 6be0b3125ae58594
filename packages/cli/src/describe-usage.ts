import { fault, type OneBuildError, suggest } from '@onebuild/core';
import type { CommanderError } from 'commander';

const wrongChoice =
  /(?:option '(?<flag>[^']+)' argument|command-argument value) '(?<given>[^]*)' is invalid(?: for argument '(?<name>[^']+)')?\. Allowed choices are (?<choices>[^]*)\.$/;

/** The parser's complaint in our words: what was wrong, and what was probably meant. */
export function describeUsage(error: CommanderError): OneBuildError {
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const choice = wrongChoice.exec(message)?.groups;
  if (choice !== undefined) return describeChoice(choice);
  if (error.code === 'commander.optionMissingArgument') {
    const flag = /option '([^']+)'/.exec(message)?.[1] ?? 'the flag';
    return fault('USAGE', `${flag} needs a value`);
  }
  if (error.code === 'commander.missingArgument') {
    return fault('USAGE', `${/'([^']+)'/.exec(message)?.[1] ?? 'an argument'} is missing`);
  }
  if (error.code === 'commander.excessArguments') {
    const [, most = '', given = ''] = /Expected (\d+) arguments? but got (\d+)/.exec(message) ?? [];
    return fault(
      'USAGE',
      `too many arguments: ${given} where at most ${most} ${most === '1' ? 'is' : 'are'} taken`,
      {
        hint: 'Put values with spaces into quotes; see `onebuild <command> --help`.',
      },
    );
  }
  const hint = suggestion?.replace(/^\((.*)\)$/, '$1');
  return fault('USAGE', message, hint === undefined ? {} : { hint });
}

function describeChoice({ flag, given = '', name, choices = '' }: Record<string, string>): OneBuildError {
  const close = suggest(given, choices.split(', '));
  return fault('USAGE', `${flag ?? name ?? 'the argument'} cannot be ${JSON.stringify(given)}`, {
    hint: `${close === undefined ? '' : `Did you mean ${close}? `}It can be ${choices}.`,
  });
}

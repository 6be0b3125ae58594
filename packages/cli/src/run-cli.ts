import { fault, toFault } from '@onebuild/core';
import { CommanderError } from 'commander';
import type { CliContext } from './cli-context.ts';
import { createPalette } from './display/palette.ts';
import { exitCodeOf } from './exit-code.ts';
import { checkCommandWords } from './help/define-help.ts';
import { isStoppedQuietly } from './interrupts.ts';
import { createProgram } from './program.ts';
import { describeUsage } from './describe-usage.ts';
import { renderError, renderStack } from './render-error.ts';
import { wantsColours } from './settings/wants-colours.ts';
import { spellBooleanFlags } from './spell-boolean-flags.ts';

/** Runs one command line. Every fault ends here, as lines on stderr and an exit code. */
export async function runCli(context: CliContext): Promise<number> {
  const program = createProgram(context, context.args[0]);
  try {
    if (context.args.length === 0) {
      program.outputHelp();
      return 0;
    }
    checkCommandWords(program, context.args);
    await program.parseAsync(spellBooleanFlags(context.args, program), { from: 'user' });
    return context.exitCode;
  } catch (error) {
    return report(error, context);
  }
}

function report(error: unknown, context: CliContext): number {
  const palette = createPalette(wantsColours(context.env, context.stderr));
  const known = error instanceof CommanderError ? usageFault(error) : toFault(error);
  if (known === undefined || isStoppedQuietly(context.signal)) return 0;
  const lines = renderError(known, palette).map((line) => nameCommand(line, context.args));
  if (context.args.includes('--debug') || context.args.includes('-D')) lines.push(...renderStack(error));
  context.stderr.write(`${lines.join('\n')}\n`);
  return exitCodeOf(known);
}

/** The catalog's advice is for any command; which one it was is known here. */
function nameCommand(line: string, [first = '', second = '']: readonly string[]): string {
  const words = ['onebuild'];
  if (/^[a-z]{2,20}$/.test(first)) words.push(first);
  if (/^[a-z]{2,20}$/.test(second) && ['cache', 'registry', 'store'].includes(first)) words.push(second);
  return line.replace('onebuild <command>', words.join(' '));
}

/** The parser's complaint in our words; undefined for help and version, which are no complaints. */
function usageFault(error: CommanderError): ReturnType<typeof fault> | undefined {
  if (error.code === 'commander.helpDisplayed' || error.code === 'commander.version') return undefined;
  if (error.code === 'commander.help') {
    return fault('USAGE', 'a command is missing', { hint: 'The commands are listed above.' });
  }
  return describeUsage(error);
}

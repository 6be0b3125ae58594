import type { CliContext, TerminalStream } from '../cli-context.ts';

/** Colours on terminals only, never with NO_COLOR (https://no-color.org) or a dumb terminal; FORCE_COLOR insists. */
export function wantsColours(env: CliContext['env'], stream: Pick<TerminalStream, 'isTTY'>): boolean {
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '' && env['FORCE_COLOR'] !== '0')
    return true;
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

/** Whether colours are unwanted even where somebody else chose them, as in the output of a step. */
export function refusesColours(env: CliContext['env']): boolean {
  return Boolean(env['NO_COLOR']) || env['TERM'] === 'dumb';
}

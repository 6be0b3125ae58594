import type { CliContext, TerminalStream } from '../cli-context.ts';

/** Colours on terminals only, never with NO_COLOR (https://no-color.org) or a dumb terminal; FORCE_COLOR insists. */
export function wantsColours(env: CliContext['env'], stream: Pick<TerminalStream, 'isTTY'>): boolean {
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false;
  if (env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '' && env['FORCE_COLOR'] !== '0')
    return true;
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

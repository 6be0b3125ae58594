import type { Clock, Log } from '@onebuild/core';
import type { TerminalStream } from './cli-context.ts';

/** A log of lines, `2026-01-31T10:00:00.000Z info message key=value`, for commands that serve. `quiet` keeps faults only. */
export function createLineLog(target: TerminalStream, options: { clock: Clock; quiet: boolean }): Log {
  const write = (level: string, message: string, facts: Readonly<Record<string, unknown>> = {}): void => {
    const pairs = Object.entries(facts).map(
      ([key, value]) => ` ${key}=${JSON.stringify(value) ?? 'undefined'}`,
    );
    target.write(`${new Date(options.clock()).toISOString()} ${level} ${message}${pairs.join('')}\n`);
  };
  return {
    info(message, facts) {
      if (!options.quiet) write('info', message, facts);
    },
    warn(message, facts) {
      if (!options.quiet) write('warn', message, facts);
    },
    error: (message, facts) => write('error', message, facts),
  };
}

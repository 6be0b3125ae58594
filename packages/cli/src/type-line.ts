import { fault } from '@onebuild/core';
import type { CliContext } from './cli-context.ts';

/**
 * What is typed up to the end of the line. In raw mode, where the terminal leaves them to us, backspace and Ctrl-C work, too. What follows
 * the line stays for the next reader.
 * @throws CANCELED for Ctrl-C and the signal
 */
export function typeLine({ stdin, signal }: Pick<CliContext, 'stdin' | 'signal'>): Promise<string> {
  return new Promise((resolve, reject) => {
    let typed = '';
    const decoder = new TextDecoder();
    const end = (settle: () => void): void => {
      stdin.off('data', take);
      stdin.off('end', finish);
      signal.removeEventListener('abort', cancel);
      stdin.pause();
      settle();
    };
    const finish = (): void => end(() => resolve(typed));
    const cancel = (): void => end(() => reject(signal.reason as Error));
    const take = (chunk: Buffer): void => {
      const keys = Array.from(decoder.decode(chunk, { stream: true }));
      for (const [at, key] of keys.entries()) {
        if (key === '\r' || key === '\n' || key === '\u0004') {
          const rest = keys.slice(at + 1).join('');
          finish();
          if (rest !== '') stdin.unshift(Buffer.from(rest));
          return;
        }
        if (key === '\u0003') return end(() => reject(fault('CANCELED', 'stopped by SIGINT', { hint: '' })));
        if (key === '\u007f' || key === '\b') typed = Array.from(typed).slice(0, -1).join('');
        else typed += key;
      }
    };
    if (signal.aborted) return cancel();
    signal.addEventListener('abort', cancel, { once: true });
    stdin.on('data', take);
    stdin.once('end', finish);
    stdin.resume();
  });
}

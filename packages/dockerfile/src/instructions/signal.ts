import { suggest } from '@onebuild/core';
import { invalid } from './request.ts';

const names = new Set(
  (
    'ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS TERM TRAP TSTP TTIN TTOU URG ' +
    'USR1 USR2 VTALRM WINCH XCPU XFSZ RTMIN RTMAX'
  ).split(' '),
);
for (let i = 1; i <= 15; i++) names.add(`RTMIN+${i}`);
for (let i = 1; i <= 14; i++) names.add(`RTMAX-${i}`);

/**
 * Checks a signal of Linux: a number, or a name with or without `SIG`, in any case.
 * @throws DOCKERFILE_INSTRUCTION
 */
export function checkSignal(signal: string): void {
  if (/^[+-]?\d+$/.test(signal) && Number(signal) !== 0) return;
  const name = signal.toUpperCase().replace(/^SIG/, '');
  if (names.has(name)) return;
  const close = suggest(name, names);
  throw invalid(
    `${JSON.stringify(signal)} is no signal${close === undefined ? '' : `, did you mean SIG${close}?`}`,
  );
}

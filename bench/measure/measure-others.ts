import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Share of the processors, 0 to 1, that is busy while nothing of ours runs. Takes a third of a second. */
export async function measureOthers(): Promise<number> {
  const before = readTimes();
  await sleep(300);
  const after = readTimes();
  const total = after.total - before.total;
  return total === 0 ? 0 : 1 - (after.idle - before.idle) / total;
}

/** Ticks of all processors, by proc(5): user nice system idle iowait irq softirq steal. */
function readTimes(): { readonly total: number; readonly idle: number } {
  const line = readFileSync('/proc/stat', 'latin1').split('\n', 1)[0] ?? '';
  const ticks = line.trim().split(/\s+/).slice(1, 9).map(Number);
  return { total: ticks.reduce((sum, tick) => sum + tick, 0), idle: (ticks[3] ?? 0) + (ticks[4] ?? 0) };
}

import type { MachineCheck } from '@onebuild/engine';
import { cleanLine } from './clean-text.ts';
import type { Palette } from './palette.ts';
import { renderTable } from './render-table.ts';

/** A table, then the lines that mend what is missing, needed things first. */
export function renderChecks(
  checks: readonly MachineCheck[],
  { ok, palette }: { readonly ok: boolean; readonly palette: Palette },
): string[] {
  const table = renderTable(
    ['', 'CHECK', 'FOUND'],
    checks.map((check) => [sign(check), check.name, cleanLine(check.detail, { colours: false })]),
  );
  const missing = checks.filter((check) => !check.ok && check.fix !== undefined);
  const needed = missing.filter((check) => check.needed);
  const useful = missing.filter((check) => !check.needed);
  const lines = table.map((line, index) => paint(line, checks[index - 1], palette));
  if (needed.length > 0) lines.push('', 'Needed, run as root:', ...fixes(needed));
  if (useful.length > 0) lines.push('', 'Good to have, run as root:', ...fixes(useful));
  lines.push(
    '',
    ok ? palette.good('This machine can build.') : palette.bad('This machine cannot build yet.'),
  );
  return lines;
}

function sign({ ok, needed }: MachineCheck): string {
  return ok ? '✓' : needed ? '✗' : '-';
}

function paint(line: string, check: MachineCheck | undefined, palette: Palette): string {
  if (check === undefined) return palette.bold(line);
  return (
    (check.ok ? palette.good : check.needed ? palette.bad : palette.warn)(line.slice(0, 1)) + line.slice(1)
  );
}

function fixes(checks: readonly MachineCheck[]): string[] {
  return [...new Set(checks.map((check) => `  ${check.fix ?? ''}`))];
}

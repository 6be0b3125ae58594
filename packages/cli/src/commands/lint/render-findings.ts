import { cleanLine } from '../../display/clean-text.ts';
import { formatCount } from '../../display/format-amounts.ts';
import type { Palette } from '../../display/palette.ts';
import type { Finding } from './finding.ts';

/** For people: rule and message, the place with its lines, and where to read on. */
export function renderFindings(findings: readonly Finding[], palette: Palette): string[] {
  return findings.flatMap((finding) => [...renderFinding(finding, palette), '']);
}

function renderFinding(finding: Finding, palette: Palette): string[] {
  const { rule, severity, message, location, layer, page, hint, edits } = finding;
  const paint = { error: palette.bad, warning: palette.warn, note: palette.active }[severity];
  const column = location.column === undefined ? '' : `:${location.column}`;
  const place = layer === undefined ? `:${location.line}${column}` : `, layer ${layer}`;
  return [
    `${paint(severity)} ${palette.bold(rule)}: ${clean(message)}`,
    palette.dim(`  --> ${clean(location.file)}${place}`),
    ...(location.snippet ?? '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => `  ${clean(line)}`),
    ...(hint === undefined || hint === '' ? [] : [`  ${palette.active('hint')}: ${clean(hint)}`]),
    ...(edits.length === 0 ? [] : [`  ${palette.active('hint')}: --fix corrects it.`]),
    ...(page === undefined ? [] : [palette.dim(`  more: ${page}`)]),
  ];
}

function clean(text: string): string {
  return cleanLine(text, { colours: false });
}

/** `2 warnings, 1 note in 3 files; 1 can be corrected with --fix` */
export function summarize(
  findings: readonly Finding[],
  { files, fixed }: { readonly files: number; readonly fixed: number },
): string {
  const counts = (['error', 'warning', 'note'] as const)
    .map(
      (severity) => [findings.filter((finding) => finding.severity === severity).length, severity] as const,
    )
    .filter(([count]) => count > 0)
    .map(([count, severity]) => formatCount(count, severity));
  const fixable = findings.filter(({ edits }) => edits.length > 0).length;
  return [
    `${counts.length === 0 ? 'Nothing found' : counts.join(', ')}${files === 0 ? '' : ` in ${formatCount(files, 'file')}`}`,
    ...(fixed > 0 ? [`${fixed} corrected`] : []),
    ...(fixable > 0 ? [`${fixable} can be corrected with --fix`] : []),
  ].join('; ');
}

export function toJson(
  findings: readonly Finding[],
  { files, fixed }: { readonly files: number; readonly fixed: number },
): object {
  return {
    files,
    fixed,
    findings: findings.map(({ rule, severity, message, location, layer, page, edits }) => ({
      rule,
      severity,
      message,
      ...(layer === undefined
        ? { file: location.file, line: location.line }
        : { image: location.file, layer }),
      ...(location.endLine !== undefined && { endLine: location.endLine }),
      ...(location.column !== undefined && { column: location.column }),
      ...(page !== undefined && { page }),
      fixable: edits.length > 0,
    })),
  };
}

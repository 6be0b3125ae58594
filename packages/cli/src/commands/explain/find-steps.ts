import type { BuildRecord, RecordedStep } from '@onebuild/engine';

/**
 * The steps that a user means: by number, by line of a Dockerfile, by stage or target, else by a part of the instruction. The first of these
 * that finds something counts.
 */
export function findSteps({ steps, targets }: BuildRecord, text: string): readonly RecordedStep[] {
  const number = /^#?(\d{1,6})$/.exec(text)?.[1];
  const place = /^(.+):(\d{1,7})$/s.exec(text);
  const lower = text.toLowerCase();
  const target = targets.findIndex((name) => name.toLowerCase() === lower && name !== '');
  const ways: readonly ((step: RecordedStep) => boolean)[] = [
    (step) => number !== undefined && step.number === Number(number),
    (step) => place !== null && isAt(step, place[1] ?? '', Number(place[2])),
    ({ stage }) => stage?.toLowerCase() === lower,
    (step) => target >= 0 && (step.targets?.includes(target) ?? step.line !== undefined),
    ({ name }) => oneSpaced(name).includes(oneSpaced(text)),
    ({ name }) => oneSpaced(name).toLowerCase().includes(oneSpaced(lower)),
  ];
  for (const matches of ways) {
    const found = steps.filter(matches);
    if (found.length > 0) return found.toSorted((a, b) => a.number - b.number);
  }
  return [];
}

function isAt({ file, line, endLine }: RecordedStep, path: string, wanted: number): boolean {
  if (file === undefined || line === undefined) return false;
  const isFile = file === path || file.endsWith(`/${path}`) || path.endsWith(`/${file}`);
  return isFile && line <= wanted && wanted <= (endLine ?? line);
}

function oneSpaced(text: string): string {
  return text.replace(/\s+/g, ' ');
}

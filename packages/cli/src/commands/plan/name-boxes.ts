import type { BuildPlan, PlannedBox } from '@onebuild/engine';
import { cleanLine } from '../../display/clean-text.ts';
import { formatCount } from '../../display/format-amounts.ts';

/** Names that are listed one by one. */
const mostNames = 4;

/** A name or an instruction in one line, safe to print. */
export function oneLine(text: string): string {
  return cleanLine(text.slice(0, 2000).replace(/\s+/g, ' '), { colours: false }).trim();
}

/** `helper.standard (linux/amd64, linux/arm64), helper.kylinv10`; of many the first and the last, and how many there are. */
export function nameBoxes(plan: BuildPlan, boxes: readonly number[]): string {
  const own = boxes.flatMap((box) => plan.boxes[box] ?? []);
  const byTarget = Map.groupBy(own, ({ target }) => target);
  const platforms = [...new Set(own.map(({ platform }) => platform))].map(oneLine);
  const names = [...byTarget.keys()].map((name) => (name === '' ? 'image' : oneLine(name)));
  if (names.length > mostNames) {
    const kinds = platforms.length > mostNames ? [] : [`, ${platforms.join(', ')}`];
    return `${names[0]} ... ${names.at(-1)} (${countBoxes(own.length)}${kinds.join('')})`;
  }
  const isSame = [...byTarget.values()].every((group) => group.length === platforms.length);
  if (isSame) return `${names.join(', ')} (${platforms.join(', ')})`;
  return [...byTarget.values()]
    .map(
      (group, at) =>
        `${names[at]} (${group.map(({ platform }: PlannedBox) => oneLine(platform)).join(', ')})`,
    )
    .join(', ');
}

/** `all 6 boxes`, or their names. */
export function nameSharing(plan: BuildPlan, boxes: readonly number[]): string {
  if (boxes.length === plan.boxes.length)
    return boxes.length === 2 ? 'both boxes' : `all ${boxes.length} boxes`;
  return nameBoxes(plan, boxes);
}

export function countBoxes(count: number): string {
  return count === 1 ? '1 box' : `${formatCount(count, 'boxe')}`;
}

/** One line of two texts that are laid over each other. */
export interface Change {
  /** In both, in the first alone, in the second alone. */
  readonly how: ' ' | '-' | '+';
  readonly line: string;
  /** Lines in front of it in the first and in the second text. */
  readonly before: number;
  readonly after: number;
}

/** Texts that differ in more lines are not laid over each other any more: all of the one goes, all of the other comes. */
const mostChanges = 1000;

/** The shortest way from one text to another by lines (E. Myers, "An O(ND) Difference Algorithm and Its Variations", 1986). */
export function compareLines(old: readonly string[], fresh: readonly string[]): readonly Change[] {
  let head = 0;
  while (head < old.length && head < fresh.length && old[head] === fresh[head]) head++;
  let tail = 0;
  while (tail < Math.min(old.length, fresh.length) - head && old.at(-1 - tail) === fresh.at(-1 - tail))
    tail++;
  const middle = [old.slice(head, old.length - tail), fresh.slice(head, fresh.length - tail)] as const;
  const same = (count: number) => Array.from({ length: count }, () => ' ' as const);
  const steps = [...same(head), ...findSteps(...middle), ...same(tail)];
  let [before, after] = [0, 0];
  return steps.map((how) => {
    const line = (how === '+' ? fresh[after] : old[before]) ?? '';
    const change = { how, line, before, after };
    if (how !== '+') before++;
    if (how !== '-') after++;
    return change;
  });
}

function findSteps(old: readonly string[], fresh: readonly string[]): readonly Change['how'][] {
  // furthest line of the old text on each diagonal, after each number of changes
  const rounds: Map<number, number>[] = [];
  let furthest = new Map([[1, 0]]);
  for (let changes = 0; changes <= Math.min(old.length + fresh.length, mostChanges); changes++) {
    rounds.push(furthest);
    const next = new Map<number, number>();
    for (let diagonal = -changes; diagonal <= changes; diagonal += 2) {
      let x = startOf(furthest, diagonal, changes);
      while (x < old.length && x - diagonal < fresh.length && old[x] === fresh[x - diagonal]) x++;
      next.set(diagonal, x);
      if (x >= old.length && x - diagonal >= fresh.length) return walkBack(rounds, old, fresh);
    }
    furthest = next;
  }
  return [...old.map(() => '-' as const), ...fresh.map(() => '+' as const)];
}

/** Where a diagonal is entered: from above with an added line, from the left with a removed one. */
function startOf(furthest: ReadonlyMap<number, number>, diagonal: number, changes: number): number {
  return isAdded(furthest, diagonal, changes)
    ? (furthest.get(diagonal + 1) ?? 0)
    : (furthest.get(diagonal - 1) ?? 0) + 1;
}

function isAdded(furthest: ReadonlyMap<number, number>, diagonal: number, changes: number): boolean {
  if (diagonal === -changes) return true;
  return diagonal !== changes && (furthest.get(diagonal - 1) ?? -1) < (furthest.get(diagonal + 1) ?? -1);
}

function walkBack(
  rounds: readonly ReadonlyMap<number, number>[],
  { length: oldLength }: readonly string[],
  { length: freshLength }: readonly string[],
): readonly Change['how'][] {
  const steps: Change['how'][] = [];
  let [x, y] = [oldLength, freshLength];
  for (let changes = rounds.length - 1; changes >= 0; changes--) {
    const furthest = rounds[changes] ?? new Map<number, number>();
    const diagonal = x - y;
    const start = startOf(furthest, diagonal, changes);
    for (; x > start; x--) steps.push(' ');
    y = x - diagonal;
    if (changes === 0) break;
    const added = isAdded(furthest, diagonal, changes);
    steps.push(added ? '+' : '-');
    if (added) y--;
    else x--;
  }
  return steps.reverse();
}

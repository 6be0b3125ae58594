import { type Document, isAlias, isMap, isNode, isScalar, isSeq, type Pair } from 'yaml';

/** Keys of maps and numbers of list entries, from the top. */
export type YamlPath = readonly (string | number)[];
export type KeyOrValue = 'key' | 'value';

interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** Offsets of the value at a path, or of its key; of the closest thing above it where the path leads nowhere. */
export function findRange(document: Document, path: YamlPath, at: KeyOrValue): TextRange {
  let node: unknown = document.contents;
  let range = rangeOf(node) ?? { start: 0, end: 0 };
  for (const [index, step] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    const isLast = index === path.length - 1;
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => keyText(key) === String(step));
      if (pair === undefined) return range;
      range = chooseRange(pair, isLast && at === 'key') ?? range;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      range = rangeOf(node) ?? range;
    } else {
      return range;
    }
  }
  return range;
}

function keyText(key: unknown): string {
  return String(isScalar(key) ? key.value : key);
}

/** Maps are pointed at by their key: they begin on the line behind it. */
function chooseRange({ key, value }: Pair, wantsKey: boolean): TextRange | undefined {
  const keyRange = rangeOf(key);
  if (wantsKey || !isScalar(value) || value.value === null) return keyRange ?? rangeOf(value);
  return rangeOf(value) ?? keyRange;
}

function rangeOf(node: unknown): TextRange | undefined {
  if (!isNode(node) || !node.range) return undefined;
  const [start, end] = node.range;
  return { start, end };
}

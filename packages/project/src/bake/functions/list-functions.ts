import { spend } from '../hcl/budget.ts';
import { asText, type HclValue, isEqual, isList, isMap, nameKind, sortedEntries } from '../hcl/hcl-value.ts';
import { FunctionError } from '../hcl/scope.ts';
import { type Arguments, define, type FunctionDefinition } from './arguments.ts';
import { reverseText } from './text-functions.ts';

const many = 1000;

export const listFunctions: Readonly<Record<string, FunctionDefinition>> = {
  length: define(1, ({ value, list }) => {
    const of = value(0);
    return isMap(of) ? of.size : list(0).length;
  }),
  concat: define(
    1,
    ({ all, list, budget }) => {
      const items = all.flatMap((_, at) => list(at));
      spend(budget, items.length);
      return items;
    },
    many,
  ),
  contains: define(2, ({ list, value, budget }) => {
    spend(budget, list(0).length);
    return list(0).some((item) => isEqual(item, value(1)));
  }),
  distinct: define(1, ({ list, budget }) => distinct(list(0), budget)),
  flatten: define(1, ({ list, budget }) => {
    const items = list(0).flatMap(function flatten(item): HclValue[] {
      return isList(item) ? item.flatMap(flatten) : [item];
    });
    spend(budget, items.length);
    return items;
  }),
  reverse: define(1, ({ value, text }) => {
    const of = value(0);
    return isList(of) ? of.toReversed() : reverseText(text(0));
  }),
  reverselist: define(1, ({ list }) => list(0).toReversed()),
  sort: define(1, ({ list }) =>
    list(0)
      .map((item) => needText(item))
      .sort(),
  ),
  range: define(1, makeRange, 3),
  keys: define(1, ({ map }) => sortedEntries(map(0)).map(([key]) => key)),
  values: define(1, ({ map }) => sortedEntries(map(0)).map(([, value]) => value)),
  lookup: define(
    2,
    ({ map, text, value, all }) => {
      const found = map(0).get(text(1));
      if (found !== undefined) return found;
      if (all.length < 3) throw new FunctionError(`the object has no key ${text(1)}`);
      return value(2);
    },
    3,
  ),
  merge: define(
    0,
    ({ all, map, budget }) => {
      const merged = new Map<string, HclValue>();
      for (const [at, value] of all.entries()) {
        if (value === null) continue;
        for (const [key, item] of map(at)) merged.set(key, item);
        spend(budget, map(at).size);
      }
      return merged;
    },
    many,
  ),
  element: define(2, ({ list, number }) => {
    const { length } = list(0);
    const at = number(1);
    if (length === 0 || !Number.isInteger(at)) throw new FunctionError('the list has no such item');
    return list(0)[((at % length) + length) % length] ?? null;
  }),
  index: define(2, ({ value, list, map, text, number }) => {
    const found = isMap(value(0)) ? map(0).get(text(1)) : list(0)[number(1)];
    if (found === undefined) throw new FunctionError('there is no such item');
    return found;
  }),
  hasindex: define(2, ({ value, list, map, text, number }) =>
    isMap(value(0)) ? map(0).has(text(1)) : list(0)[number(1)] !== undefined,
  ),
  indexof: define(2, ({ list, value }) => {
    const at = list(0).findIndex((item) => isEqual(item, value(1)));
    if (at === -1) throw new FunctionError('the item is not in the list');
    return at;
  }),
  slice: define(
    2,
    ({ list, number, all }) => {
      const end = all.length > 2 ? number(2) : list(0).length;
      if (number(1) < 0 || end > list(0).length || number(1) > end)
        throw new FunctionError('the list is shorter');
      return list(0).slice(number(1), end);
    },
    3,
  ),
  compact: define(1, ({ list }) => list(0).filter((item) => item !== null && item !== '')),
  coalesce: define(
    1,
    ({ all }) => {
      const found = all.find((item) => item !== null);
      if (found === undefined) throw new FunctionError('all of them are null');
      return found;
    },
    many,
  ),
  coalescelist: define(
    1,
    ({ all, list }) => {
      const at = all.findIndex((item, which) => item !== null && list(which).length > 0);
      if (at === -1) throw new FunctionError('all lists are empty');
      return list(at);
    },
    many,
  ),
  chunklist: define(2, ({ list, number }) => {
    const size = number(1) === 0 ? list(0).length : number(1);
    if (!Number.isInteger(size) || size < 0) throw new FunctionError('the size is a whole number');
    const chunks: HclValue[] = [];
    for (let at = 0; at < list(0).length; at += size) chunks.push(list(0).slice(at, at + size));
    return chunks;
  }),
  zipmap: define(2, ({ list }) => {
    if (list(0).length !== list(1).length) throw new FunctionError('the lists are not of one length');
    return new Map(list(0).map((key, at) => [needText(key), list(1)[at] ?? null]));
  }),
  setproduct: define(1, makeProduct, 20),
  setunion: define(
    1,
    ({ all, list, budget }) =>
      distinct(
        all.flatMap((_, at) => list(at)),
        budget,
      ),
    many,
  ),
  setintersection: define(
    1,
    ({ all, list, budget }) => {
      spend(budget, all.length * list(0).length);
      return distinct(list(0), budget).filter((item) =>
        all.every((_, at) => list(at).some((one) => isEqual(one, item))),
      );
    },
    many,
  ),
  setsubtract: define(2, ({ list, budget }) => {
    spend(budget, list(0).length * list(1).length);
    return distinct(list(0), budget).filter((item) => !list(1).some((one) => isEqual(one, item)));
  }),
  sethaselement: define(2, ({ list, value }) => list(0).some((item) => isEqual(item, value(1)))),
};

function makeRange({ all, number, budget }: Arguments): HclValue {
  const [start, end] = all.length === 1 ? [0, number(0)] : [number(0), number(1)];
  const step = all.length === 3 ? number(2) : end < start ? -1 : 1;
  if (step === 0 || (end - start) / step > 1024)
    throw new FunctionError('the range has more than 1024 items');
  const items: number[] = [];
  for (let item = start; step > 0 ? item < end : item > end; item += step) items.push(item);
  spend(budget, items.length);
  return items;
}

function makeProduct({ all, list, budget }: Arguments): HclValue {
  let rows: HclValue[][] = [[]];
  for (const at of all.keys()) {
    spend(budget, rows.length * list(at).length * (at + 1));
    rows = rows.flatMap((row) => list(at).map((item) => [...row, item]));
  }
  return rows;
}

function distinct(list: readonly HclValue[], budget: Arguments['budget']): HclValue[] {
  const kept: HclValue[] = [];
  for (const item of list) {
    spend(budget, kept.length + 1);
    if (!kept.some((one) => isEqual(one, item))) kept.push(item);
  }
  return kept;
}

function needText(value: HclValue): string {
  const text = asText(value);
  if (text === undefined) throw new FunctionError(`an item of the list is ${nameKind(value)}, not a text`);
  return text;
}

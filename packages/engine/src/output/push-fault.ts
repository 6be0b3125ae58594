import { errorCatalog, fault, isFault, type OneBuildError, toFault } from '@onebuild/core';

/**
 * Where a tag stands after a publication failed: it names what it did before (`kept`), the new image (`moved`), the new image since before
 * this publication (`earlier`), or its registry doesn't tell (`unknown`).
 */
export type TagState = 'kept' | 'moved' | 'earlier' | 'unknown';

const shownNames = 20;

/**
 * A failure of a publication, with what is where. `details.moved`, `details.earlier` and `details.unknown` are names, separated by blanks.
 */
export function publicationFault(error: unknown, states: ReadonlyMap<string, TagState>): OneBuildError {
  const known = toFault(error);
  const named = (state: TagState) => [...states].flatMap(([name, at]) => (at === state ? [name] : []));
  const [moved, earlier, unknown] = [named('moved'), named('earlier'), named('unknown')];
  const split = moved.length + unknown.length > 0;
  const summary =
    moved.length > 0
      ? 'not all tags could be moved, and not all put back'
      : `no tag ${unknown.length > 0 ? 'is known to have' : 'has'} moved`;
  const lists = [
    line('these name the new image', moved),
    line('these named the new image before already', earlier),
    line('these may name the new image, their registry does not say', unknown),
    split && moved.length + earlier.length + unknown.length < states.size
      ? ['all others name what they did before']
      : [],
  ];
  const again = split
    ? 'The same command moves them all; layers that were sent are not sent again.'
    : 'The same command goes on where this one ended: layers that were sent are not sent again.';
  return fault(known.code, [`${summary}: ${known.message}`, ...lists.flat()].join('\n'), {
    hint: isFault(error, 'CANCELED') ? again : `${hintOf(known)} ${again}`,
    ...(known.location && { location: known.location }),
    details: {
      ...known.details,
      ...(moved.length > 0 && { moved: moved.join(' ') }),
      ...(earlier.length > 0 && { earlier: earlier.join(' ') }),
      ...(unknown.length > 0 && { unknown: unknown.join(' ') }),
    },
    cause: known.cause ?? error,
  });
}

/** Mirrors, which the catalog speaks of, are for pulls. */
function hintOf({ hint }: OneBuildError): string {
  return hint === errorCatalog.REGISTRY_UNREACHABLE.remedy
    ? 'Check that the registry runs, and its host, port and proxy.'
    : hint;
}

function line(what: string, names: readonly string[]): readonly string[] {
  if (names.length === 0) return [];
  const more = names.length > shownNames ? ` and ${names.length - shownNames} more` : '';
  return [`${what}: ${names.slice(0, shownNames).join(', ')}${more}`];
}

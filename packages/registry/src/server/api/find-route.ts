import { refuse } from './refusal.ts';
import { type Effect, type Route, resources } from './routes.ts';

export interface FoundRoute {
  readonly effect: Effect;
  readonly route: Route;
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
}

/** What serves a request. Slashes, backslashes and control characters don't come into names by way of escapes. */
export function findRoute(method: string, url: string): FoundRoute {
  const mark = url.indexOf('?');
  const path = decodePath(mark < 0 ? url : url.slice(0, mark));
  for (const { path: pattern, methods } of resources) {
    const match = pattern.exec(path);
    if (!match) continue;
    const found = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (!found) {
      const headers = { Allow: Object.keys(methods).join(', ') };
      throw refuse('UNSUPPORTED', 'the method is not supported here', { headers });
    }
    const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
    return { effect: found[0], route: found[1], parts: match.slice(1), query };
  }
  throw refuse('NAME_UNKNOWN', 'no such endpoint');
}

function decodePath(path: string): string {
  const invalid = () => refuse('NAME_INVALID', 'the path is not valid');
  if (/%(?:2f|5c|[01][0-9a-f]|7f)/i.test(path)) throw invalid();
  try {
    return decodeURIComponent(path);
  } catch {
    throw invalid();
  }
}

/** What a cache in a folder is called: `/srv/cache`, `/srv/cache:app`. */
export function layoutName(path: string, tag: string): string {
  return tag === 'latest' ? path : `${path}:${tag}`;
}

/** Names or numbers, as written; who they are is for the engine to find in the image. */
export interface ChownParts {
  /** `''` where only a group stands there. */
  readonly user: string;
  /** `''` where nothing is behind the colon. */
  readonly group?: string;
}

/** Reads `user`, `user:group`, `:group`, `user:`. */
export function parseChown(text: string): ChownParts {
  const colon = text.indexOf(':');
  if (colon === -1) return { user: text };
  return { user: text.slice(0, colon), group: text.slice(colon + 1) };
}

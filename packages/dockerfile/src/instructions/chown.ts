/** Names or numbers, as written; who they are is for the engine to find in the image. */
export interface ChownParts {
  /** `''` where only a group stands there. */
  readonly user: string;
  readonly group?: string;
}

/** Reads `user`, `user:group`, `:group`. */
export function parseChown(text: string): ChownParts {
  const colon = text.indexOf(':');
  if (colon === -1) return { user: text };
  const group = text.slice(colon + 1);
  return { user: text.slice(0, colon), ...(group !== '' && { group }) };
}

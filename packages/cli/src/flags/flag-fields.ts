import { type ErrorCode, fault, suggest } from '@onebuild/core';

/** Fields of one value of a flag (`type=oci,dest=app.tar`); each is taken once, and what is left over is a mistake. */
export class FlagFields {
  readonly flag: string;
  /** The value as it was written. */
  readonly text: string;
  readonly #fields: Map<string, string>;

  constructor(fields: Map<string, string>, { flag, text }: { readonly flag: string; readonly text: string }) {
    this.#fields = fields;
    this.flag = flag;
    this.text = text;
  }

  take(key: string): string | undefined {
    const value = this.#fields.get(key);
    this.#fields.delete(key);
    return value;
  }

  /** `annotation.KEY=value` and `annotation-manifest.KEY=value` by KEY. */
  takePrefixed(prefix: string): Record<string, string> {
    const found: Record<string, string> = {};
    for (const [key, value] of this.#fields) {
      const match = new RegExp(`^${prefix}(?:-manifest)?(?:\\[[^\\]]*\\])?\\.(.+)$`).exec(key);
      if (match?.[1] === undefined) continue;
      found[match[1]] = value;
      this.#fields.delete(key);
    }
    return found;
  }

  /** @throws `code` for a field that nobody took, with the one that was probably meant */
  end({ code, known, withoutEffect }: KnownFields): void {
    for (const key of this.#fields.keys()) {
      if (withoutEffect?.has(key) === true) continue;
      const close = suggest(key, known);
      throw fault(code, `${this.flag} ${this.text}: there is no field ${JSON.stringify(key)}`, {
        hint: close === undefined ? `Fields are ${known.join(', ')}.` : `Did you mean ${close}=?`,
      });
    }
  }
}

export interface KnownFields {
  readonly code: ErrorCode;
  readonly known: readonly string[];
  /** Taken, and nothing is made of them. */
  readonly withoutEffect?: ReadonlySet<string>;
}

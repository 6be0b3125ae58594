/** Something started for a test, reachable until `close`. */
export interface Service {
  /** Ends it and removes what it left. Safe to call twice. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A registry on loopback, plain HTTP. */
export interface RegistryService extends Service {
  /** `127.0.0.1:PORT`, as it stands in references. */
  readonly host: string;
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly port: number;
  /** Folder that holds its content. */
  readonly dir: string;
}

/** Adds `close` (made safe to call twice) and disposal to the facts of a service. */
export function asService<T extends object>(facts: T, close: () => Promise<void>): T & Service {
  let closing: Promise<void> | undefined;
  const once = () => {
    closing ??= close();
    return closing;
  };
  return { ...facts, close: once, [Symbol.asyncDispose]: once };
}

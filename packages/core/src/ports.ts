/** Milliseconds since the Unix epoch, as `Date.now`; a port so that tests decide what time it is. */
export type Clock = () => number;

/** A log line with facts. For servers; builds tell events instead. */
export interface Log {
  info(message: string, facts?: Readonly<Record<string, unknown>>): void;
  warn(message: string, facts?: Readonly<Record<string, unknown>>): void;
  error(message: string, facts?: Readonly<Record<string, unknown>>): void;
}

export const silentLog: Log = Object.freeze({ info() {}, warn() {}, error() {} });

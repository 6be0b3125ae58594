/** Work that ends together: the first failure stops the rest, and comes out when all of it has ended. */
export interface PushGroup {
  readonly signal: AbortSignal;
  /** As `Promise.all`, for work that heeds {@link signal}. */
  all<T extends readonly Promise<unknown>[] | []>(
    work: T,
  ): Promise<{ -readonly [P in keyof T]: Awaited<T[P]> }>;
}

export function createPushGroup(outer: AbortSignal): PushGroup {
  const controller = new AbortController();
  let failure: { readonly error: unknown } | undefined;
  const fail = (error: unknown): void => {
    failure ??= { error };
    controller.abort();
  };
  return {
    signal: AbortSignal.any([outer, controller.signal]),
    async all(work) {
      await Promise.all(work.map((part) => part.catch(fail)));
      if (failure !== undefined) throw failure.error;
      return Promise.all(work);
    },
  };
}

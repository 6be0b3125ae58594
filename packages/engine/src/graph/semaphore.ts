/** Lets `places` holders in at a time, in the order they came. */
export function createSemaphore(places: number): { use<T>(work: () => Promise<T>): Promise<T> } {
  let free = Math.max(1, places);
  const waiting: (() => void)[] = [];
  return {
    async use(work) {
      if (free > 0) free--;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        if (next) next();
        else free++;
      }
    },
  };
}

/** Gives the place back before the work has ended. */
export type Leave = () => void;

/** Lets `places` holders in at a time, in the order they came. */
export function createSemaphore(places: number): { use<T>(work: (leave: Leave) => Promise<T>): Promise<T> } {
  let free = Math.max(1, places);
  const waiting: (() => void)[] = [];
  return {
    async use(work) {
      if (free > 0) free--;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      let holds = true;
      const leave = (): void => {
        if (!holds) return;
        holds = false;
        const next = waiting.shift();
        if (next) next();
        else free++;
      };
      try {
        return await work(leave);
      } finally {
        leave();
      }
    },
  };
}

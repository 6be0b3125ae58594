/**
 * A timer that runs only while a connection stands and we wait for the peer, so that neither a queue for connections
 * nor a slow source or consumer on our side ever counts.
 */
export interface IdleWatch {
  /** The connection stands. */
  start(): void;
  /** From now on (again) it is the peer's turn. */
  arm(): void;
  disarm(): void;
  /** Ends it for good. */
  stop(): void;
}

export function createIdleWatch(ms: number, onIdle: () => void): IdleWatch {
  let timer: NodeJS.Timeout | undefined;
  let armed = false;
  let state: 'waiting' | 'started' | 'stopped' = 'waiting';
  const run = () => {
    if (!armed || state !== 'started') return;
    // one timer for a whole transfer: `refresh` costs next to nothing per chunk
    if (timer !== undefined) timer.refresh();
    else {
      timer = setTimeout(() => {
        if (armed && state === 'started') onIdle();
      }, ms);
    }
  };
  return {
    start() {
      if (state === 'waiting') state = 'started';
      run();
    },
    arm() {
      armed = true;
      run();
    },
    disarm() {
      armed = false;
    },
    stop() {
      state = 'stopped';
      clearTimeout(timer);
    },
  };
}

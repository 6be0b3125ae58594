import { fault } from '@onebuild/core';

/**
 * Lets callers that want the same thing at the same time share one piece of work. A caller whose signal aborts leaves
 * with CANCELED; the work itself is aborted when the last one left.
 */
export type SingleFlight<T> = (
  key: string,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
) => Promise<T>;

interface Flight<T> {
  readonly controller: AbortController;
  readonly result: Promise<T>;
  callers: number;
}

export function createSingleFlight<T>(): SingleFlight<T> {
  const flights = new Map<string, Flight<T>>();

  const start = (key: string, work: (signal: AbortSignal) => Promise<T>): Flight<T> => {
    const controller = new AbortController();
    const flight: Flight<T> = { controller, result: work(controller.signal), callers: 0 };
    flights.set(key, flight);
    const land = () => {
      if (flights.get(key) === flight) flights.delete(key);
    };
    flight.result.then(land, land);
    return flight;
  };

  return (key, signal, work) => {
    if (signal?.aborted === true) return Promise.reject(canceled(signal));
    const flight = flights.get(key) ?? start(key, work);
    flight.callers++;
    if (signal === undefined) return flight.result;
    return new Promise((resolve, reject) => {
      const leave = () => {
        reject(canceled(signal));
        flight.callers--;
        if (flight.callers > 0) return;
        // a caller that comes now must not board work that is being aborted
        if (flights.get(key) === flight) flights.delete(key);
        flight.controller.abort(signal.reason);
      };
      signal.addEventListener('abort', leave, { once: true });
      const stay = () => signal.removeEventListener('abort', leave);
      flight.result.then(
        (value) => {
          stay();
          resolve(value);
        },
        (error: unknown) => {
          stay();
          reject(error as Error);
        },
      );
    });
  };
}

function canceled(signal: AbortSignal) {
  return fault('CANCELED', 'the request to a registry was canceled', { cause: signal.reason });
}

import { setTimeout as pause } from 'node:timers/promises';
import { fault, isFault } from '@onebuild/core';
import type { RetryOptions } from '../registry-client-options.ts';

/** Runs something again while that may help. */
export interface Retry {
  /** For operations that may be made twice. @throws what the last try threw */
  <T>(operation: () => Promise<T>, signal: AbortSignal | undefined): Promise<T>;
  /** For operations that count their tries themselves: waits before try number `tried + 1`, or throws `error` where no further try makes sense. */
  pauseAfter(error: unknown, tried: number, signal: AbortSignal | undefined): Promise<void>;
}

export interface RetryPolicy extends RetryOptions {
  readonly random: () => number;
  readonly sleep: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

export function createRetry(policy: RetryPolicy): Retry {
  const pauseAfter: Retry['pauseAfter'] = async (error, tried, signal) => {
    if (tried >= policy.attempts || !isWorthRetrying(error, policy)) throw error;
    await policy.sleep(delayMs(error, tried, policy), signal);
  };
  const retry = async <T>(operation: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> => {
    for (let tried = 1; ; tried++) {
      try {
        return await operation();
      } catch (error) {
        await pauseAfter(error, tried, signal);
      }
    }
  };
  return Object.assign(retry, { pauseAfter });
}

/** @throws CANCELED */
export async function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await pause(ms, undefined, signal === undefined ? {} : { signal });
  } catch (cause) {
    throw fault('CANCELED', 'the wait for a registry was canceled', { cause });
  }
}

/** A host that has no address will not get one within seconds, nor a full registry room; one that asks for hours will not relent. */
function isWorthRetrying(error: unknown, policy: RetryPolicy): boolean {
  if (!isFault(error) || !error.retryable) return false;
  if (error.details.reason === 'ENOTFOUND' || error.details.status === 507) return false;
  return askedDelay(error) <= policy.maxRetryAfterMs;
}

/** Exponential back-off with full jitter, and at least what the registry asked for. Milliseconds. */
function delayMs(error: unknown, tried: number, policy: RetryPolicy): number {
  const ceiling = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (tried - 1));
  return Math.max(askedDelay(error), Math.floor(policy.random() * ceiling));
}

function askedDelay(error: unknown): number {
  const asked = isFault(error) ? error.details.retryAfterMs : undefined;
  return typeof asked === 'number' ? asked : 0;
}

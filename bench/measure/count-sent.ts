import type { EngineRoot } from '../peers/engine-root.ts';

/**
 * Counts what goes to the registry, whoever sends it: the kernel adds up the packets to its port, with their headers and with the few
 * bytes that ask for a download or acknowledge it.
 */
export interface SentCounter {
  /** Bytes since the start. */
  read(): Promise<number>;
}

/** A rule without a target lets everything through and counts it. */
export async function countSent(engine: EngineRoot, host: string): Promise<SentCounter> {
  const port = host.slice(host.lastIndexOf(':') + 1);
  const comment = 'onebuild-bench';
  const rule = ['--protocol', 'tcp', '--dport', port, '--match', 'comment', '--comment', comment];
  await engine.run(['iptables', '--insert', 'INPUT', ...rule]);
  return {
    async read() {
      const { stdout } = await engine.run(['iptables', '-nvxL', 'INPUT']);
      const line = stdout.split('\n').find((text) => text.includes(comment));
      return Number(line?.trim().split(/\s+/)[1]);
    },
  };
}

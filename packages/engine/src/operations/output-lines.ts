import { redact } from '@onebuild/core';

/** A line longer than this is passed on in pieces. */
export const longestLine = 64 << 10;

/** Cuts raw output into texts that end at a line's end, so that a secret is never split where redaction looks. */
export function createOutputLines(emit: (stream: 'stdout' | 'stderr', text: string) => void): {
  write(stream: 'stdout' | 'stderr', chunk: Uint8Array): void;
  end(): void;
} {
  const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  const rest = { stdout: '', stderr: '' };
  const tell = (stream: 'stdout' | 'stderr', text: string) => {
    if (text !== '') emit(stream, redact(text));
  };
  return {
    write(stream, chunk) {
      const text = rest[stream] + decoders[stream].decode(chunk, { stream: true });
      const end = Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1;
      const cut = text.length - end > longestLine ? text.length : end;
      rest[stream] = text.slice(cut);
      tell(stream, text.slice(0, cut));
    },
    end() {
      for (const stream of ['stdout', 'stderr'] as const) {
        tell(stream, rest[stream] + decoders[stream].decode());
        rest[stream] = '';
      }
    },
  };
}

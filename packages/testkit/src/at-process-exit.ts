const pending = new Set<() => void>();
let hooked = false;

/** Runs `clean` when the process ends, unless the returned function took it back. Faults of one don't stop the others. */
export function atProcessExit(clean: () => void): () => void {
  if (!hooked) {
    hooked = true;
    process.on('exit', cleanAll);
  }
  pending.add(clean);
  return () => pending.delete(clean);
}

function cleanAll(): void {
  for (const clean of [...pending].reverse()) {
    try {
      clean();
    } catch {
      // the rest still has to go
    }
  }
}

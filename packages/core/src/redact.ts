/** Shorter values would blank out ordinary words. */
const shortestSecret = 4;
const mask = '***';
const secrets = new Set<string>();
/** Longest first, so that a secret inside another one does not leave a rest. */
let sorted: readonly string[] | undefined;

/**
 * Makes `value` disappear from every error, event and log of this process, from now on. Registers the value, its
 * lines, and of each the base64 and the URL-encoded form. Values under four characters are ignored.
 */
export function registerSecret(value: string): void {
  const forms = [value, value.trim(), ...value.split(/\r?\n/).map((line) => line.trim())];
  for (const form of forms) {
    if (form.length < shortestSecret) continue;
    for (const encoded of [form, encodeURIComponent(form.toWellFormed()), base64(form)]) secrets.add(encoded);
  }
  sorted = undefined;
}

/** Without its padding, so that it is also found at the start of a longer text. */
function base64(text: string): string {
  const bytes = new TextEncoder().encode(text);
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')).replace(/=+$/, '');
}

/** `text` without registered secrets and without the credentials of URLs. */
export function redact(text: string): string {
  let clean = text
    .replace(/([a-z][a-z0-9+.-]*:\/\/)([^/\s@:]*):([^/\s@]+)@/gi, `$1$2:${mask}@`)
    .replace(/(https?:\/\/)[^/\s@:]+@/gi, `$1${mask}@`);
  sorted ??= [...secrets].sort((one, other) => other.length - one.length);
  for (const secret of sorted) {
    if (clean.includes(secret)) clean = clean.replaceAll(secret, mask);
  }
  return clean;
}

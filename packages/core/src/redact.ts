/** Shorter values would blank out ordinary words. */
const shortestSecret = 4;
const mask = '***';
const secrets = new Set<string>();

/**
 * Makes `value` disappear from every error, event and log of this process, from now on. Registers the value, its
 * lines, its base64 and its URL-encoded form. Values under four characters are ignored.
 */
export function registerSecret(value: string): void {
  const forms = [value, value.trim(), ...value.split(/\r?\n/).map((line) => line.trim())];
  for (const form of forms) {
    if (form.length < shortestSecret) continue;
    secrets.add(form);
    secrets.add(encodeURIComponent(form));
  }
}

/** `text` without registered secrets and without the password part of URLs. */
export function redact(text: string): string {
  let clean = text.replace(/([a-z][a-z0-9+.-]*:\/\/)([^/\s@:]*):([^/\s@]+)@/gi, `$1$2:${mask}@`);
  for (const secret of secrets) {
    if (clean.includes(secret)) clean = clean.replaceAll(secret, mask);
  }
  return clean;
}

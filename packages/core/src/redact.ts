/** Shorter values would blank out ordinary words. */
const shortestSecret = 4;
/** base64(1) and MIME put so many characters on a line. */
const base64Line = 76;
const mask = '***';
const known = new Set<string>();
/** Longest first: a secret that is part of another one must not leave the rest of that standing. */
let secrets: readonly string[] = [];

/**
 * Makes `value` disappear from every error, event and log of this process, from now on. Registers the value, its
 * lines, its base64 and its URL-encoded form. Values under four characters are ignored.
 */
export function registerSecret(value: string): void {
  const before = known.size;
  for (const form of [value, value.trim(), ...value.split(/\r?\n/).map((line) => line.trim())]) {
    if (form.length < shortestSecret || known.has(form)) continue;
    known.add(form);
    known.add(encodeURIComponent(form));
    for (const line of base64Forms(form)) known.add(line);
  }
  if (known.size > before) secrets = [...known].sort((a, b) => b.length - a.length);
}

/** Whole, cut in lines, and without the last characters, which differ when something stands behind the value. */
function base64Forms(value: string): readonly string[] {
  const bytes = new TextEncoder().encode(value);
  const encoded = encodeBase64(bytes);
  const whole = encodeBase64(bytes.subarray(0, bytes.length - (bytes.length % 3)));
  const lines = whole.length > base64Line ? (whole.match(new RegExp(`.{1,${base64Line}}`, 'g')) ?? []) : [];
  return [encoded, encoded.replace(/=+$/, ''), whole, ...lines].filter((form) => form.length >= 8);
}

function encodeBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += 8192)
    binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(binary);
}

/** `text` without registered secrets, and without what URLs carry for the server alone: see {@link redactUrls}. */
export function redact(text: string): string {
  let clean = redactUrls(text);
  for (const secret of secrets) {
    if (clean.includes(secret)) clean = clean.replaceAll(secret, mask);
  }
  return clean;
}

/**
 * `text` with the passwords of URLs, lone users of http URLs (which are tokens often), and parameters that are named like a credential
 * blanked out. The same for the same text, whatever secrets are registered.
 */
export function redactUrls(text: string): string {
  if (!text.includes('://')) return text;
  return text
    .replace(/([a-z][a-z0-9+.-]*:\/\/)([^/\s@:]*):([^/\s@]+)@/gi, `$1$2:${mask}@`)
    .replace(/(https?:\/\/)[^/\s@:]+@/gi, `$1${mask}@`)
    .replace(credentialParameter, `$1${mask}`);
}

/** RFC 6750's `access_token`, and how clouds sign: `X-Amz-Signature`, `X-Goog-Credential`, `sig`. */
const credentialParameter =
  /([?&](?:[a-z0-9_.-]{0,40}[_.-])?(?:token|secret|signature|sig|password|passwd|credential|api[_-]?key|access[_-]?key)=)[^&#\s"'<>]+/gi;

// Talking to our own server: JSON out and in, with the token of the page.

const token = () => document.querySelector('meta[name="csrf-token"]')?.content
  || document.querySelector('input[name="csrf_token"]')?.value || "";

/** A number that names one attempt; also over plain http, where randomUUID is missing. */
export function uuid() {
  const b = crypto.getRandomValues(new Uint8Array(16));
  b[6] = (b[6] & 0x0f) | 0x40;
  b[8] = (b[8] & 0x3f) | 0x80;
  const hex = [...b].map((n) => n.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

async function answer(response) {
  const json = response.headers.get("Content-Type")?.includes("json");
  return { ok: response.ok, status: response.status, expired: response.redirected && !json, body: json ? await response.json() : null };
}

/** GET JSON: {ok, status, body}; throws when the server cannot be reached. */
export async function get(url, signal) {
  return answer(await fetch(url, { headers: { Accept: "application/json" }, signal }));
}

/** POST JSON, or a form when `body` is FormData: {ok, status, expired, body}; throws when unreachable. */
export async function post(url, body, timeout = 15000) {
  const form = body instanceof FormData;
  const headers = { Accept: "application/json", "X-CSRFToken": token() };
  if (!form) headers["Content-Type"] = "application/json";
  const signal = AbortSignal.timeout ? AbortSignal.timeout(timeout) : undefined;
  return answer(await fetch(url, { method: "POST", headers, body: form ? body : JSON.stringify(body), signal }));
}

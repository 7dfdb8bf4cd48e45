// The server's clock in the browser: every deadline is told by it, never by the computer's own.

const told = Number(document.querySelector('meta[name="server-now"]')?.content);
let offset = told ? told - Date.now() : 0;

/** Milliseconds since 1970 by the server's clock. */
export const now = () => Date.now() + offset;

/** Correct the offset by a time the server has just told. */
export function set(serverNow) {
  if (serverNow) offset = serverNow - Date.now();
}

// The words of the page in its language, and the one live region that speaks them.

const words = JSON.parse(document.getElementById("words")?.textContent || "{}");

/** The text of `key` with {name} filled from `values`. */
export function say(key, values = {}) {
  return (words[key] || key).replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
}

/** Let a screen reader speak `text`; the same text twice is spoken twice. */
export function announce(text) {
  const place = document.getElementById("announce");
  if (!place || !text) return;
  place.textContent = "";
  setTimeout(() => { place.textContent = text; }, 60);
}

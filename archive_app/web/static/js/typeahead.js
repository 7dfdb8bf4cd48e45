// Suggestions from the server under a field: GET url?q=… answers [{id, text, sub}].

import { get } from "./net.js";
import { announce, say } from "./words.js";

function combo(place) {
  const input = place.querySelector("[role=combobox]");
  const hidden = place.querySelector("input[type=hidden]");
  const list = place.querySelector("[role=listbox]");
  let timer = 0;
  let asked = null;
  let at = -1;

  const close = () => { list.hidden = true; at = -1; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); };
  const options = () => [...list.querySelectorAll("[role=option]")];

  function choose(option) {
    input.value = option.dataset.text;
    hidden.value = option.dataset.id;
    hidden.dispatchEvent(new Event("change", { bubbles: true }));
    close();
  }

  function point(to) {
    const all = options();
    at = (to + all.length) % all.length;
    all.forEach((option, n) => option.setAttribute("aria-selected", String(n === at)));
    input.setAttribute("aria-activedescendant", all[at].id);
    all[at].scrollIntoView({ block: "nearest" });
  }

  function row(item, n) {
    const li = document.createElement("li");
    Object.assign(li.dataset, { id: item.id, text: item.text });
    li.id = `${list.id}-${n}`;
    li.setAttribute("role", "option");
    li.append(item.text);
    if (item.sub) { const small = document.createElement("small"); small.textContent = item.sub; li.append(small); }
    return li;
  }

  async function ask() {
    asked?.abort();
    asked = new AbortController();
    const url = new URL(place.dataset.typeahead, location.href);
    url.searchParams.set("q", input.value.trim());
    const { body } = await get(url, asked.signal).catch(() => ({ body: null }));
    if (!Array.isArray(body) || document.activeElement !== input) return;
    list.replaceChildren(...body.map(row));
    list.hidden = !body.length;
    at = -1;
    input.setAttribute("aria-expanded", String(!!body.length));
    announce(body.length ? say("matches", { n: body.length }) : say("no_match"));
  }

  input.addEventListener("input", (e) => {
    hidden.value = "";
    clearTimeout(timer);
    if (e.isComposing) return;
    if (input.value.trim()) timer = setTimeout(ask, 180); else close();
  });
  input.addEventListener("compositionend", () => { timer = setTimeout(ask, 60); });
  input.addEventListener("keydown", (e) => {
    if (list.hidden || e.isComposing) return;
    if (e.key === "ArrowDown" || e.key === "ArrowUp") point(e.key === "ArrowDown" ? at + 1 : at < 0 ? options().length - 1 : at - 1);
    else if (e.key === "Enter" && at >= 0) choose(options()[at]);
    else if (e.key === "Escape") close();
    else return;
    e.preventDefault();
  });
  list.addEventListener("pointerdown", (e) => { const option = e.target.closest("[role=option]"); if (option) { e.preventDefault(); choose(option); } });
  input.addEventListener("blur", () => setTimeout(close, 120));
}

function start() {
  document.querySelectorAll("[data-typeahead]:not([data-ready])").forEach((place) => { place.dataset.ready = "1"; combo(place); });
}

document.addEventListener("fragment", start);
start();

// Putting volumes into boxes with the scanner: a volume's label picks its line, a box's label fills it in and sends it.

import { announce, say } from "./words.js";

const list = document.querySelector("[data-boxing]");
let picked = null;

function pick(line) {
  picked?.classList.remove("on");
  picked = line;
  line.classList.add("on");
  line.scrollIntoView({ block: "center" });
  line.querySelector("input[name=box]")?.focus();
  announce(say("box_next", { name: line.querySelector("a").textContent.trim() }));
}

document.addEventListener("scan", (e) => {
  const code = e.detail;
  const line = list.querySelector(`[data-volume="${CSS.escape(code)}"]`);
  const waiting = picked || document.activeElement?.closest?.("[data-volume]");
  if (line) pick(line);
  else if (code.startsWith("3") && waiting) {
    const form = waiting.querySelector("form");
    form.elements.box.value = code;
    form.requestSubmit();
  } else return; // what is neither goes to the desk as on every page
  e.preventDefault();
});
list.dataset.ready = "";

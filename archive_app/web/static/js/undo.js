// The ring that counts the ten seconds in which a scan can be taken back, by the server's clock.

import { now } from "./clock.js";

const ROUND = 50.3; // length of the ring
const calm = matchMedia("(prefers-reduced-motion: reduce)");

/** Run the ring of every undo form inside `place` until it is over, then hide the form. */
export function run(place) {
  place.querySelectorAll("form[data-undo]").forEach((form) => {
    const until = Number(form.dataset.until) || now() + Number(form.dataset.seconds) * 1000;
    const ring = form.querySelector(".ring .z");
    const digits = form.querySelector("[data-left]");
    const step = () => {
      const left = until - now();
      if (left <= 0) form.hidden = true;
      if (left <= 0 || !form.isConnected) return clearInterval(timer);
      const seconds = String(Math.ceil(left / 1000));
      if (digits.textContent !== seconds) digits.textContent = seconds;
      if (!calm.matches) ring.setAttribute("stroke-dasharray", `${(ROUND * Math.min(left / 10000, 1)).toFixed(1)} ${ROUND}`);
    };
    const timer = setInterval(step, 100);
    step();
  });
}

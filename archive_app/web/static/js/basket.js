// Putting folders into the basket without leaving the list, and looking again when a kind was changed.

import { post } from "./net.js";
import { announce } from "./words.js";

/** The count of the basket in every navigation that has it. */
function recount(path, count) {
  for (const link of document.querySelectorAll(`.rail a[href="${path}"], .tabs a[href="${path}"]`)) {
    const figure = link.querySelector(".c") || link.appendChild(document.createElement("span"));
    figure.className = "c";
    figure.textContent = count || "";
  }
}

async function put(button) {
  const data = new FormData(button.form);
  data.append(button.name, button.value);
  const { ok, body } = await post(button.form.action, data);
  if (!ok || !body) return false;
  const path = new URL(button.form.action).pathname.replace(/\/add$/, "");
  recount(path, body.count);
  const link = document.createElement("a"); // the button becomes the way to the basket, as on the next visit
  link.className = "btn btn-quiet btn-sm";
  link.href = path;
  link.append(button.firstElementChild, button.dataset.there);
  button.replaceWith(link);
  link.focus();
  announce(body.text);
  return true;
}

document.addEventListener("click", (e) => {
  const button = e.target.closest("button[data-basket]");
  if (!button) return;
  e.preventDefault();
  // What the server does not take it says on a page of its own, as without scripts.
  put(button).then((done) => done || button.form.requestSubmit(button), () => button.form.requestSubmit(button));
});

document.addEventListener("change", (e) => {
  const select = e.target.closest("select[data-look]");
  if (!select?.form) return;
  const again = document.createElement("button");
  again.name = "look";
  again.value = `${select.name.replace("kind-", "")}:${select.value}`;
  again.formNoValidate = true;
  again.formAction = `${select.form.action}#${select.closest("[id^=item-]").id}`; // come back to the same line
  again.hidden = true;
  select.form.append(again);
  select.form.requestSubmit(again);
});

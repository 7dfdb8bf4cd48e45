// Files one after another, each with its own bar and its own error; the form works without this file as well.
// The server answers each file with JSON {message, url}; 4xx with {message} tells what is wrong with this file only.

import { announce, say } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";

function bar() {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "ax");
  svg.setAttribute("aria-hidden", "true");
  for (const name of ["base", "left"]) {
    const rect = document.createElementNS(SVG, "rect");
    for (const [key, value] of Object.entries({ class: name, y: 2, height: 6, rx: 3, width: name === "base" ? "100%" : "0%" })) rect.setAttribute(key, value);
    svg.append(rect);
  }
  return svg;
}

function line(file) {
  const li = document.createElement("li");
  const [name, state] = ["span", "span"].map((tag) => document.createElement(tag));
  name.textContent = file.name;
  state.className = "mm s";
  state.textContent = say("waiting");
  li.append(name, state, bar());
  return {
    li,
    part: (share) => { state.textContent = say("sending", { p: Math.round(share * 100) }); li.querySelector(".left").setAttribute("width", `${(share * 100).toFixed(1)}%`); },
    done: (text) => { state.className = "ok s"; state.textContent = text || say("sent"); li.querySelector("svg").remove(); },
    fail: (text) => {
      state.className = "stop s";
      state.textContent = say("not_sent");
      li.querySelector("svg").remove();
      const why = document.createElement("p");
      why.className = "form-err";
      why.textContent = text;
      li.append(why);
    },
  };
}

function send(form, field, file, shown) {
  return new Promise((resolve) => {
    const body = new FormData(form);
    body.delete(field);
    body.append(field, file);
    const request = new XMLHttpRequest(); // fetch cannot tell how much has been sent
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.upload.onprogress = (e) => { if (e.lengthComputable) shown.part(e.loaded / e.total); };
    request.onloadend = () => {
      const good = request.status >= 200 && request.status < 300;
      const why = request.response?.message || (request.status === 413 ? say("too_large") : say("upload_failed"));
      if (good) shown.done(request.response?.message); else shown.fail(why);
      resolve(good);
    };
    request.send(body);
  });
}

function uploader(form) {
  const input = form.querySelector("input[type=file]");
  const list = form.querySelector(".upl");
  const drop = form.querySelector(".drop");
  let running = false;

  async function take(files) {
    if (running || !files.length) return;
    running = true;
    const jobs = [...files].map((file) => ({ file, shown: line(file) }));
    list.replaceChildren(...jobs.map((job) => job.shown.li));
    let good = 0;
    for (const { file, shown } of jobs) if (await send(form, input.name, file, shown)) good += 1;
    running = false;
    input.value = "";
    announce(say("sent_of", { n: good, total: jobs.length }));
    if (good === jobs.length) { if (form.dataset.done) location.assign(form.dataset.done); else if (form.hasAttribute("data-reload")) location.reload(); }
  }

  form.addEventListener("submit", (e) => { e.preventDefault(); take(input.files); });
  for (const kind of ["dragenter", "dragover"]) drop.addEventListener(kind, (e) => { e.preventDefault(); drop.classList.add("over"); });
  for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("over"));
  drop.addEventListener("drop", (e) => { e.preventDefault(); take(e.dataTransfer.files); });
}

document.querySelectorAll("form[data-upload]").forEach(uploader);

// What every page of the telephone does: keep the shell, say what waits, send it when it can go.
import { shrinkInputs } from "../shrink.js";
import { askSession, flush, onChange } from "./queue.js";
import * as store from "./store.js";
import "./renew.js";

const AGAIN_MS = 15_000;
const waiting = document.getElementById("waiting");
const offline = document.getElementById("offline");

// `data-kept`: the field page opens without a network from now on.
function tellKept() {
  document.documentElement.toggleAttribute("data-kept", navigator.serviceWorker.controller !== null);
}

if ("serviceWorker" in navigator) {
  navigator.serviceWorker.addEventListener("controllerchange", tellKept);
  navigator.serviceWorker.register("/phone/service-worker.js", { type: "module", scope: "/phone" }).catch((error) => console.info(error.message));
  tellKept();
}

async function showWaiting() {
  const known = await store.me();
  if (document.getElementById("patrol")) showTabs(known);
  const mine = (await store.queued()).filter((item) => item.user === known?.user);
  document.getElementById("waiting-count").textContent = mine.length;
  waiting.hidden = mine.length === 0;
  waiting.classList.toggle("refused", mine.some((item) => item.state === "refused"));
}

// The field page is the same for everyone, since it opens without a network: what is not theirs goes here.
function showTabs(known) {
  for (const tab of document.querySelectorAll(".tabs .tab:not(.tab-field)")) {
    tab.hidden = known?.pages !== undefined && !known.pages.includes(tab.getAttribute("href"));
  }
}

function showLink() {
  offline.hidden = navigator.onLine;
}

async function send() {
  showLink();
  if (navigator.onLine) await flush();
}

onChange(showWaiting);
addEventListener("online", send);
addEventListener("offline", showLink);
document.addEventListener("visibilitychange", () => { if (!document.hidden) send(); });
setInterval(send, AGAIN_MS);

shrinkInputs(document);
document.querySelector("[data-print]")?.addEventListener("click", () => print());
document.querySelector("form.leave")?.addEventListener("submit", () => { store.forgetMe(); });

// A form is sent once, however often it is tapped; coming back to the page frees it.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; }));

showLink();
await askSession();
await showWaiting();
await send();

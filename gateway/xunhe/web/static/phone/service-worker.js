// Lets the field page open without a network, and empties the queue when one comes back.
// It keeps the shell and static files. No page and no answer with anybody's data is ever kept here.
import { flush, SYNC_TAG } from "/static/phone/queue.js";

const { version, shell } = SHELL_OF_THIS_VERSION;
const CACHE = `xunhe-shell-${version}`;
const FIELD = "/phone/field";

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(shell.map((path) => new Request(path, { credentials: "omit", cache: "reload" })))));
  self.skipWaiting();
});

self.addEventListener("activate", (event) => {
  event.waitUntil(forgetOthers().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { pathname } = new URL(event.request.url);
  if (event.request.method !== "GET") return;
  if (event.request.mode === "navigate") event.respondWith(freshOr(event.request, FIELD));
  else if (shell.includes(pathname)) event.respondWith(freshOr(event.request, pathname));
});

self.addEventListener("sync", (event) => {
  if (event.tag !== SYNC_TAG) return;
  event.waitUntil(flush().then((isEmpty) => { if (!isEmpty) throw new Error("not all sent: try again"); }));
});

async function freshOr(request, kept) {
  try {
    return await fetch(request);
  } catch (error) {
    const found = await caches.match(kept);
    if (found) return found;
    throw error;
  }
}

async function forgetOthers() {
  for (const name of await caches.keys()) if (name !== CACHE) await caches.delete(name);
}

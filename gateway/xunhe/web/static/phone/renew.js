// Lists that lie open on a telephone: asked for anew each minute, and whenever somebody comes back to
// them. Where that fails the old one stays, with the time at which it stands.

const EVERY_MS = 60_000;
const PATIENCE_MS = 20_000;

async function renew() {
  const list = document.querySelector("main [data-renews]");
  if (!list || document.hidden) return;
  const made = await newest();
  if (!made) return;
  const focused = list.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  list.replaceWith(made);
  if (focused) made.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

async function newest() {
  const answer = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) }).catch(() => null);
  if (!answer?.ok || answer.redirected) return null; // no network, or the session is over
  const text = await answer.text().catch(() => "");
  return new DOMParser().parseFromString(text, "text/html").querySelector("main [data-renews]");
}

setInterval(renew, EVERY_MS);
addEventListener("online", renew);
document.addEventListener("visibilitychange", renew);

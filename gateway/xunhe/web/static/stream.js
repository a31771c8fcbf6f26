// Server-sent events that resume by id. The browser's own retry gives up on some errors and says
// nothing while a dead link stays open, so both are ours: a new source after each error, from the
// last id seen, and a watchdog on the heartbeat.

const SILENCE_MS = 12_000; // the server's heart beats every 5 s
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 15_000;

export function follow({ after, kinds, onMessage, onLink }) {
  let lastId = after;
  let retryMs = FIRST_RETRY_MS;
  let watchdog = 0;
  let source = null;

  function open() {
    source = new EventSource(`/api/v1/events?after=${lastId}`);
    source.onerror = lose;
    for (const kind of kinds) source.addEventListener(kind, (event) => take(kind, event));
    watch();
  }

  function take(kind, event) {
    watch();
    retryMs = FIRST_RETRY_MS;
    // Heartbeats repeat the last id without being that event.
    const id = Number(event.lastEventId || 0);
    const isStored = !["heartbeat", "stations", "reset"].includes(kind);
    if (isStored && id <= lastId) return;
    if (isStored) lastId = id;
    onLink("live");
    onMessage(kind, JSON.parse(event.data), isStored ? id : 0);
  }

  function lose() {
    source.close();
    clearTimeout(watchdog);
    onLink("lost");
    setTimeout(open, retryMs);
    retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
    leaveIfLoggedOut();
  }

  function watch() {
    clearTimeout(watchdog);
    watchdog = setTimeout(lose, SILENCE_MS);
  }

  open();
  addEventListener("online", () => { retryMs = FIRST_RETRY_MS; });
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => event.persisted && lose());
}

// A stream is refused alike when the gateway is away and when the session has ended. Who has begun to
// write stays: his form is kept through the log-in once he sends it.
async function leaveIfLoggedOut() {
  const answer = await fetch("/api/v1/overview").catch(() => null);
  if (answer?.status === 401 && !isWriting()) location.assign(`/login?next=${encodeURIComponent(location.pathname)}`);
}

function isWriting() {
  const fields = document.querySelectorAll("main textarea, main input:not([type=hidden])");
  return [...fields].some((field) => field.value !== field.defaultValue);
}

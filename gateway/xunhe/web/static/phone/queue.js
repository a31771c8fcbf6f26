// The queue: what was found without a network is sent later, once each.
//
// Every item has a key that the telephone chose; the gateway stores it with the ticket. So an item is
// sent until an answer comes, however often the network fails in between, and is one ticket. Both the
// open page and the service worker send; a lock lets one of them at a time.
import * as store from "./store.js";

const CHANNEL = "xunhe-phone";
const LOCK = "xunhe-queue";
const PATIENCE_MS = 60_000;
const LATER = new Set([401, 408, 425, 429]);

export const SYNC_TAG = LOCK;

/** Put something into the queue and try to send it. */
export async function add(item) {
  await store.enqueue({ ...item, state: "waiting" });
  await wake();
}

/** Try to send now; where there is no network, ask the browser to try when there is one. */
export async function wake() {
  told();
  const registration = await navigator.serviceWorker?.getRegistration("/phone");
  // The browser may forbid it in the background: then the page sends while it is open.
  await registration?.sync?.register(SYNC_TAG).catch((error) => console.info(error.message));
  await flush();
}

let running = null;
let isAskedAgain = false;

/** Send what waits, in order. True where nothing waits any more. Asked meanwhile, it goes once more. */
export async function flush() {
  isAskedAgain = true;
  running ??= sendWhileAsked().finally(() => { running = null; });
  return running;
}

async function sendWhileAsked() {
  let isEmpty = false;
  while (isAskedAgain) {
    isAskedAgain = false;
    isEmpty = await (navigator.locks ? navigator.locks.request(LOCK, sendAll) : sendAll());
  }
  return isEmpty;
}

/** Who is logged in, by the gateway; "login" where nobody is, "away" where it is out of reach. */
export async function askSession() {
  try {
    const answer = await fetch("/api/v1/phone/session", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.status === 401 || answer.status === 403) return "login";
    if (!answer.ok) return "away";
    const session = await answer.json();
    const { csrf, ...known } = session;
    await store.setMe({ ...known, ahead_s: (Date.now() - Date.parse(session.now)) / 1000 });
    return session;
  } catch (error) {
    if (isNetwork(error)) return "away";
    throw error;
  }
}

export function onChange(listener) {
  new BroadcastChannel(CHANNEL).addEventListener("message", listener);
}

/** Tell every open page, this one too, that the queue has changed. */
export function told() {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage("changed");
  channel.close();
}

async function sendAll() {
  const waiting = (await store.queued()).filter((item) => item.state === "waiting");
  if (!waiting.length) return true;
  const session = await askSession();
  if (typeof session === "string") return false;
  for (const item of waiting.filter((one) => one.user === session.user)) {
    if (!(await send(item, session.csrf))) return false;
    told();
  }
  return true;
}

/** False where it has to be tried again later. */
async function send(item, csrf) {
  let answer;
  try {
    answer = await fetch(ADDRESS[item.kind], { method: "POST", headers: { "x-csrf-token": csrf, ...HEADERS[item.kind] }, body: BODY[item.kind](item), signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.ok) {
      await store.settle(item, await answer.json());
      return true;
    }
  } catch (error) {
    if (isNetwork(error)) return false;
    throw error;
  }
  const problem = await answer.json().catch(() => ({}));
  if (answer.status >= 500 || LATER.has(answer.status) || problem.code === "csrf") return false;
  await store.change({ ...item, state: "refused", why: [problem.message_zh ?? "", problem.message ?? `HTTP ${answer.status}`] });
  return true;
}

const age_s = (item) => (Date.now() - item.at) / 1000;
const ADDRESS = { report: "/api/v1/phone/reports", patrol: "/api/v1/phone/patrols" };
const HEADERS = { report: {}, patrol: { "content-type": "application/json" } };
const BODY = {
  report(item) {
    const form = new FormData();
    for (const [name, value] of Object.entries(item.fields)) form.append(name, value);
    form.append("key", item.key);
    form.append("age_s", age_s(item));
    item.photos.forEach((photo, i) => form.append("photo", photo, `photo-${i + 1}.jpg`));
    return form;
  },
  patrol: (item) => JSON.stringify({ ...item.fields, key: item.key, age_s: age_s(item) }),
};

function isNetwork(error) {
  return error instanceof TypeError || error.name === "TimeoutError" || error.name === "AbortError" || error instanceof SyntaxError;
}

// What the telephone remembers over being closed, in IndexedDB.
//
//   me      who was last logged in here, with posts and reaches: what works without a network
//   queue   what waits to be sent, in order; each item belongs to a user and is sent by that one only
//   sent    what became of the last things sent
//   walk    the patrol that is going on, if one is; `fixes` its positions

const NAME = "xunhe-phone";
const KEPT_SENT = 10;

let opening;

function open() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      const made = request.result;
      made.createObjectStore("me");
      made.createObjectStore("queue", { keyPath: "order", autoIncrement: true });
      made.createObjectStore("sent", { keyPath: "order" });
      made.createObjectStore("walk");
      made.createObjectStore("fixes", { autoIncrement: true });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opening;
}

/** Do `work` with the stores in one transaction; its answer once all of it is on the disk. */
async function within(names, mode, work) {
  const transaction = (await open()).transaction(names, mode, { durability: "strict" });
  const done = new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
  const answer = work(...names.map((name) => transaction.objectStore(name)));
  await done;
  return answer instanceof IDBRequest ? answer.result : answer;
}

export const me = () => within(["me"], "readonly", (store) => store.get("me"));
export const setMe = (value) => within(["me"], "readwrite", (store) => store.put(value, "me"));
export const forgetMe = () => within(["me"], "readwrite", (store) => store.delete("me"));

export const queued = () => within(["queue"], "readonly", (store) => store.getAll());
export const enqueue = (item) => within(["queue"], "readwrite", (store) => store.add(item));
export const change = (item) => within(["queue"], "readwrite", (store) => store.put(item));
export const discard = (order) => within(["queue"], "readwrite", (store) => store.delete(order));
export const sent = () => within(["sent"], "readonly", (store) => store.getAll());

/** What was sent leaves the queue and is told below it, in one step. */
export function settle(item, answer) {
  const told = { order: item.order, user: item.user, kind: item.kind, title: item.title, number: answer.number, id: answer.id };
  return within(["queue", "sent"], "readwrite", (queue, done) => {
    queue.delete(item.order);
    done.put(told);
    const old = done.getAllKeys();
    old.onsuccess = () => old.result.slice(0, -KEPT_SENT).forEach((order) => done.delete(order));
  });
}

export const walk = () => within(["walk"], "readonly", (store) => store.get("walk"));
export const setWalk = (value) => within(["walk"], "readwrite", (store) => store.put(value, "walk"));
export const fixes = () => within(["fixes"], "readonly", (store) => store.getAll());
export const addFix = (fix) => within(["fixes"], "readwrite", (store) => store.add(fix));

/** The patrol is over: it goes into the queue (or nowhere), and leaves, in one step. */
export function endWalk(item) {
  return within(["walk", "fixes", "queue"], "readwrite", (going, positions, queue) => {
    going.delete("walk");
    positions.clear();
    if (item) queue.add(item);
  });
}

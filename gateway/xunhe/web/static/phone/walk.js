// A patrol (一键巡河): start, record while the screen is on, survive being closed, end into the queue.
import { told, wake } from "./queue.js";
import * as store from "./store.js";
import { Track } from "./track.js";

const EVERY_S = 3;
const POSITION = { enableHighAccuracy: true, maximumAge: 2000, timeout: 30_000 };
const DENIED = 1;

export class Walk {
  last = null; // [lon, lat, accuracy_m] of the newest position
  #view;
  #going = null;
  #track = new Track();
  #watch = null;
  #lock = null;
  #lastS = -Infinity;

  constructor(view) {
    this.#view = view;
    setInterval(() => this.#show(), 1000);
    document.addEventListener("visibilitychange", () => { if (!document.hidden && this.#going) this.#stayAwake(); });
  }

  get isGoing() { return this.#going !== null; }

  /** Go on with the patrol that was going on when the telephone was closed. */
  async resume(user) {
    const going = await store.walk();
    if (!going || going.user !== user) return;
    for (const fix of await store.fixes()) this.#take(fix);
    await this.#go(going);
  }

  async start(user, post) {
    const going = { key: crypto.randomUUID(), user, post, at: Date.now(), problems: [] };
    await store.setWalk(going);
    await this.#go(going);
  }

  /** What is reported on the way belongs to the patrol. */
  async found(key) {
    if (!this.#going) return;
    this.#going.problems.push(key);
    await store.setWalk(this.#going);
  }

  async end(means) {
    const { key, user, post, at, problems } = this.#going;
    const duration_s = Math.max(1, (Date.now() - at) / 1000);
    const fixes = (await store.fixes()).filter(([since]) => since <= duration_s);
    const fields = { post, means, duration_s, problems, fixes };
    await store.endWalk({ kind: "patrol", key, user, at: Date.now(), title: "巡河 patrol", fields, state: "waiting" });
    this.#stop();
    await wake();
  }

  async drop() {
    await store.endWalk(null);
    this.#stop();
    told();
  }

  async #go(going) {
    this.#going = going;
    this.#watch = navigator.geolocation.watchPosition((found) => this.#hear(found), (error) => this.#lost(error), POSITION);
    this.#show();
    await this.#stayAwake();
  }

  #stop() {
    navigator.geolocation.clearWatch(this.#watch);
    this.#lock?.release();
    this.#going = this.#lock = null;
    this.#track = new Track();
    this.#lastS = -Infinity;
    this.#show();
  }

  async #hear({ coords }) {
    this.last = [coords.longitude, coords.latitude, coords.accuracy];
    this.#view.problem("");
    const since = Math.round((Date.now() - this.#going.at) / 100) / 10;
    if (since < 0 || since - this.#lastS < EVERY_S) return;
    const fix = [since, coords.longitude, coords.latitude, coords.accuracy];
    this.#take(fix);
    await store.addFix(fix);
  }

  #take(fix) {
    this.#lastS = fix[0];
    this.#track.add(fix);
  }

  #lost(error) {
    this.#view.problem(error.code === DENIED
      ? "定位被拒绝：请在浏览器设置中允许本站使用位置；也可用其他软件记录，事后导入 GPX。/ Position denied: allow it in the browser's settings, or import a GPX file afterwards."
      : "暂时收不到定位，轨迹会标出中断。/ No position at the moment: the track will show a gap.");
  }

  #show() {
    const seconds = this.#going ? (Date.now() - this.#going.at) / 1000 : 0;
    this.#view.show(this.#going, seconds, this.#track);
  }

  async #stayAwake() {
    // A telephone that refuses falls asleep; the gap is marked.
    this.#lock = await navigator.wakeLock?.request("screen").catch((error) => { console.info(error.message); return null; });
  }
}


// In the field: the patrol, the report, and what waits to be sent. Works without a network.
import * as queue from "./queue.js";
import * as store from "./store.js";
import { Walk } from "./walk.js";

const $ = (id) => document.getElementById(id);
const FRESH_MS = 60_000;
const POSITION = { enableHighAccuracy: true, maximumAge: 10_000, timeout: 20_000 };
const SKEW_S = 120;
const WORDS = {
  waiting: "待发送 waiting", refused: "被退回 refused", sent: "已送达 delivered",
};

let known = null; // who was logged in here last
let place = null; // {lon, lat, accuracy, at}

const walk = new Walk({
  show(going, seconds, track) {
    $("walk-idle").hidden = going !== null;
    $("walk-going").hidden = going === null;
    if (!going) return;
    const post = known?.posts.find((one) => one.code === going.post);
    $("walk-time").textContent = `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
    $("walk-way").textContent = Math.round(track.lengthM);
    $("walk-gaps").textContent = track.gaps;
    $("walk-minutes-meter").value = post ? Math.min(1, seconds / 60 / Math.max(post.least_minutes, 0.01)) : 0;
    $("walk-metres-meter").value = post ? Math.min(1, track.lengthM / Math.max(post.least_m, 1)) : 0;
  },
  problem(words) { say("walk-problem", words); },
});

function say(id, words) {
  $(id).textContent = words;
  $(id).hidden = !words;
}

async function fillIn() {
  known = await store.me() ?? null;
  $("stranger").hidden = known !== null;
  $("report-send").disabled = known === null;
  $("walk-start").disabled = !known?.posts.length;
  $("walk-no-post").hidden = !known || known.posts.length > 0;
  const skewed = known !== null && Math.abs(known.ahead_s) > SKEW_S;
  $("clock-wrong").hidden = !skewed;
  if (skewed) document.querySelector("[data-skew]").textContent = Math.round(known.ahead_s / 60);
  if (!known) return;
  options($("walk-post"), known.posts.map((post) => [post.code, `${post.title} ${post.title_en}`]), 0);
  $("walk-post").hidden = $("walk-post-label").hidden = known.posts.length < 2;
  options($("report-reach"), known.reaches.map((reach) => [reach.code, `${reach.name} ${reach.name_en}`]), 1);
  options($("report-handler"), known.handlers.map((one) => [one.code, `${one.name} ${one.name_en}`]), 1);
}

/** The select's options after the first `kept`. */
function options(select, pairs, kept) {
  const chosen = select.value;
  select.replaceChildren(...[...select.options].slice(0, kept), ...pairs.map(([value, words]) => new Option(words, value)));
  if ([...select.options].some((option) => option.value === chosen)) select.value = chosen;
}

function locate() {
  if (!("geolocation" in navigator)) { placeLost(); return; }
  navigator.geolocation.getCurrentPosition(({ coords }) => {
    place = { lon: coords.longitude, lat: coords.latitude, accuracy: coords.accuracy, at: Date.now() };
    $("place-words").textContent = `已定位，误差约 ${Math.round(coords.accuracy)} 米 located to about ${Math.round(coords.accuracy)} m`;
  }, placeLost, POSITION);
}

function placeLost() {
  if (place) return;
  $("place-words").textContent = "没有定位：请在下面选择河段 no position: choose the reach below";
}

function here() {
  if (walk.isGoing && walk.last) return { lon: walk.last[0], lat: walk.last[1] };
  return place && Date.now() - place.at < FRESH_MS ? place : null;
}

function category() {
  const chosen = document.querySelector("input[name=category]:checked");
  const option = chosen.value ? chosen : $("category-other").selectedOptions[0];
  return [option.value, option.dataset.zh];
}

async function report(event) {
  event.preventDefault();
  const form = event.target;
  const [code, zh] = category();
  const at = here();
  if (!at && !form.reach.value) {
    say("report-problem", "没有定位，请选择河段。/ No position: choose the reach.");
    form.reach.focus();
    return;
  }
  say("report-problem", "");
  const fields = { category: code, reason: form.reason.value.trim() || `现场发现${zh}`, severity: form.severity.value };
  if (form.reach.value) fields.reach = form.reach.value;
  if (form.handler.value) fields.handler = form.handler.value;
  if (at) Object.assign(fields, { lon: at.lon.toFixed(6), lat: at.lat.toFixed(6) });
  const key = crypto.randomUUID();
  const photos = [...$("report-photo").files];
  await store.enqueue({ kind: "report", key, user: known.user, at: Date.now(), title: `${zh}　${fields.reason}`, fields, photos, state: "waiting" });
  await walk.found(key);
  form.reset();
  document.querySelector("[data-previews]").replaceChildren();
  $("all-categories").hidden = true;
  await showQueue();
  $("queue").scrollIntoView({ block: "nearest" });
  await queue.wake();
}

async function showQueue() {
  const mine = (item) => item.user === known?.user;
  const waiting = (await store.queued()).filter(mine);
  const done = (await store.sent()).filter(mine).reverse().map((item) => ({ ...item, state: "sent" }));
  $("queue-list").replaceChildren(...waiting.map(queueItem), ...done.map(queueItem));
  $("queue-empty").hidden = waiting.length + done.length > 0;
}

function queueItem(item) {
  const row = $("queue-item").content.firstElementChild.cloneNode(true);
  row.classList.add(`queue-${item.state}`);
  row.querySelector(".queue-state").textContent = WORDS[item.state];
  row.querySelector(".queue-title").textContent = item.number && item.kind === "report" ? `${item.number}　${item.title}` : item.title;
  row.querySelector(".queue-why").textContent = item.why ? item.why.join(" / ") : "";
  const acts = row.querySelector(".queue-acts");
  if (item.state !== "refused") acts.remove();
  acts.querySelector("[data-act=again]").addEventListener("click", () => again(item));
  acts.querySelector("[data-act=drop]").addEventListener("click", () => drop(item));
  return row;
}

async function again(item) {
  await store.change({ ...item, state: "waiting", why: undefined });
  await queue.wake();
}

async function drop(item) {
  if (!confirm("删除后无法找回。删除吗？\nDiscard it for good?")) return;
  await store.discard(item.order);
  queue.told();
}

async function endWalk() {
  if ((await store.fixes()).length > 1) {
    await walk.end($("walk-means").value);
  } else if (confirm("没有收到定位，这次巡河无法提交。放弃吗？\nNo position was received: give this patrol up?")) {
    await walk.drop();
  }
}

$("report-form").addEventListener("submit", report);
$("report-form").addEventListener("change", () => { $("all-categories").hidden = !$("other-category").checked; });
$("walk-start").addEventListener("click", () => walk.start(known.user, $("walk-post").value));
$("walk-end").addEventListener("click", endWalk);
queue.onChange(async () => { await fillIn(); await showQueue(); });

await fillIn();
await showQueue();
if (known) await walk.resume(known.user);
locate();
await queue.askSession();
await fillIn();
await showQueue();

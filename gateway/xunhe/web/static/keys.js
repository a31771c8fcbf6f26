// The keyboard of every live page. Single keys can be switched off (WCAG 2.1.4) and never act while
// somebody types or holds a modifier.

const KEPT_AS = "xunhe.keys";
const GO = { o: "/", i: "/incidents", c: "/cameras", s: "/silences", r: "/rules" };
const GO_MS = 1_500;
const VERDICTS = { y: true, n: false };

let goUntilMs = 0;

export function listen({ markRead, toggleSound }) {
  const actions = {
    j: () => step(1), k: () => step(-1), Enter: open, m: markRead, b: toggleSound, "?": help,
    g: () => { goUntilMs = performance.now() + GO_MS; },
  };
  document.addEventListener("keydown", (event) => {
    if (isMeantElsewhere(event)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const isGoing = performance.now() < goUntilMs && GO[key];
    goUntilMs = 0;
    if (isGoing) location.assign(GO[key]);
    else if (key in VERDICTS) judge(VERDICTS[key]);
    else if (!actions[key] || actions[key]() === false) return;
    event.preventDefault();
  });
  document.getElementById("help").addEventListener("click", help);
  const isOn = document.getElementById("keys-on");
  isOn.checked = localStorage.getItem(KEPT_AS) !== "off";
  isOn.addEventListener("change", () => localStorage.setItem(KEPT_AS, isOn.checked ? "on" : "off"));
}

function isMeantElsewhere(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat && !"jk".includes(event.key)) return true;
  if (event.target.closest("input:not([type=checkbox]), textarea, select, video, dialog, [contenteditable]")) return true;
  return localStorage.getItem(KEPT_AS) === "off" && event.key !== "?";
}

function rows() {
  return [...document.querySelectorAll("[data-row]")].filter((row) => row.checkVisibility());
}

function current() {
  return document.activeElement?.closest?.("[data-row]");
}

function step(by) {
  const all = rows();
  const at = all.indexOf(current());
  const next = all[Math.min(Math.max(at < 0 ? 0 : at + by, 0), all.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
  return Boolean(next);
}

// Enter on a link or button does what it always does.
function open() {
  const row = current();
  if (!row || document.activeElement !== row) return false;
  row.querySelector("a[data-open]")?.click();
  return true;
}

// On the page of an incident or ticket its own form is sent; in a list, the verdict on the row in focus.
function judge(isTrue) {
  const form = document.querySelector("form[data-review]");
  if (form) form.requestSubmit(form.querySelector(`button[name=is_true][value=${isTrue}]`));
  else judgeRow(current(), isTrue);
}

async function judgeRow(row, isTrue) {
  const csrf = document.querySelector("input[name=csrf]")?.value;
  if (!row?.dataset.incidentId) return;
  if (!csrf) { location.assign(`/login?next=${encodeURIComponent(location.pathname)}`); return; }
  row.classList.add("judging");
  const answer = await fetch(`/api/v1/incidents/${row.dataset.incidentId}/verdicts`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf },
    body: JSON.stringify({ is_true: isTrue }),
  }).catch(() => null);
  row.classList.remove("judging");
  row.classList.toggle("not-judged", !answer?.ok); // the stream redraws the row with its verdict
}

function help() {
  const dialog = document.getElementById("keys");
  if (dialog.open) dialog.close();
  else dialog.showModal();
}

// The chart on an incident's page: the buoy's values over the bands of GB 3838-2002, drawn by uPlot.

/* global uPlot */

const HEIGHT = 260;
const holder = document.getElementById("chart");
const buttons = [...document.querySelectorAll("[data-chart-property]")];
const dark = matchMedia("(prefers-color-scheme: dark)");
let told = null;
let plot = null;

async function load(property) {
  for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.chartProperty === property));
  const answer = await fetch(`${holder.dataset.url}?prop=${property}`).catch(() => null);
  if (!answer?.ok) return;
  told = await answer.json();
  draw();
}

function draw() {
  if (!told) return;
  plot?.destroy();
  plot = null;
  holder.replaceChildren();
  if (told.values.some((value) => value !== null)) plot = new uPlot(options(), [told.times_s, told.values], holder);
  else holder.textContent = "这段时间没有读数 no values in this window";
  holder.dataset.drawn = told.property;
}

function options() {
  const ink = colour("--muted");
  const axis = { stroke: ink, grid: { show: false }, ticks: { stroke: ink, width: 1 }, font: `12px ${getComputedStyle(document.body).fontFamily}` };
  return {
    width: holder.clientWidth,
    height: HEIGHT,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1e3), "Asia/Shanghai"),
    legend: { show: false },
    cursor: { y: false, points: { size: 7 } },
    scales: { x: { range: [Date.parse(told.since) / 1e3, Date.parse(told.until) / 1e3] }, y: { range } },
    axes: [{ ...axis, values: (_, ticks) => ticks.map(clock) }, { ...axis, size: 48, label: told.unit, labelSize: told.unit ? 18 : 0, labelFont: axis.font }],
    series: [{}, { stroke: colour("--ink"), width: 1.8, points: { show: false } }],
    hooks: { drawClear: [drawBands], draw: [drawMarks, drawDoubtful], setCursor: [say] },
  };
}

// Never closer than what makes noise look like noise; the limits next to the values are in sight.
function range(_, least, most) {
  const spare = Math.max(told.least_span - (most - least), 0) / 2 + (most - least) * 0.12;
  return [Math.max(least - spare, least >= 0 ? 0 : least - spare), most + spare];
}

function drawBands({ ctx, bbox, scales, valToPos }) {
  ctx.save();
  for (const band of told.bands) {
    const top = Math.max(valToPos(Math.min(band.most ?? scales.y.max, scales.y.max), "y", true), bbox.top);
    const bottom = Math.min(valToPos(Math.max(band.least ?? scales.y.min, scales.y.min), "y", true), bbox.top + bbox.height);
    if (bottom - top < 1) continue;
    ctx.globalAlpha = dark.matches ? 0.2 : 0.16;
    ctx.fillStyle = colour(`--class-${band.colour}`);
    ctx.fillRect(bbox.left, top, bbox.width, bottom - top);
    ctx.globalAlpha = 1;
    line(ctx, bbox.left, bbox.left + bbox.width, top, colour("--line"));
    if (bottom - top < 14 * devicePixelRatio) continue;
    ctx.fillStyle = colour("--muted");
    ctx.font = `${12 * devicePixelRatio}px ${getComputedStyle(document.body).fontFamily}`;
    ctx.textAlign = "right";
    ctx.textBaseline = "middle";
    ctx.fillText(band.label, bbox.left + bbox.width - 5 * devicePixelRatio, (top + bottom) / 2);
  }
  ctx.restore();
}

function line(ctx, from, to, y, stroke) {
  ctx.strokeStyle = stroke;
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  ctx.moveTo(from, y);
  ctx.lineTo(to, y);
  ctx.stroke();
}

function drawMarks({ ctx, bbox, valToPos }) {
  ctx.save();
  ctx.strokeStyle = colour("--alarm");
  ctx.lineWidth = 1.5 * devicePixelRatio;
  ctx.setLineDash([5 * devicePixelRatio, 3 * devicePixelRatio]);
  for (const mark of told.marks) {
    const x = valToPos(Date.parse(mark.at) / 1e3, "x", true);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}

// Suspect or failed values (QARTOD 3, 4) are hollow.
function drawDoubtful({ ctx, valToPos }) {
  ctx.save();
  ctx.strokeStyle = colour("--warn");
  ctx.fillStyle = colour("--surface");
  ctx.lineWidth = 1.5 * devicePixelRatio;
  told.values.forEach((value, i) => {
    if (value === null || told.flags[i] < 3) return;
    ctx.beginPath();
    ctx.arc(valToPos(told.times_s[i], "x", true), valToPos(value, "y", true), 3 * devicePixelRatio, 0, 2 * Math.PI);
    ctx.fill();
    ctx.stroke();
  });
  ctx.restore();
}

function say({ cursor }) {
  const at = cursor.idx;
  const value = at === null || at === undefined ? null : told.values[at];
  const line = document.getElementById("chart-said");
  line.dataset.words ??= line.textContent;
  line.textContent = value === null ? line.dataset.words : `${clock(told.times_s[at])} · ${told.property_zh} ${told.property_en} ${value.toFixed(told.digits)} ${told.unit}`;
}

function clock(seconds) {
  return new Date(seconds * 1e3).toLocaleTimeString("zh-CN", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit" });
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

if (holder) {
  for (const button of buttons) button.addEventListener("click", () => load(button.dataset.chartProperty));
  dark.addEventListener("change", draw);
  new ResizeObserver(() => plot?.setSize({ width: holder.clientWidth, height: HEIGHT })).observe(holder);
  await load(buttons.find((button) => button.ariaPressed === "true").dataset.chartProperty);
}

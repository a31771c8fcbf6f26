// Plane geometry in fractions of the picture, x to the right, y down. Pure.

export function round(value, digits = 4) {
  return Number(value.toFixed(digits));
}

// A point inside the picture; close to its border, on it: water mostly goes on beyond the frame.
const SNAP = 0.008;
export function inPicture([x, y]) {
  return [x, y].map((side) => round(side < SNAP ? 0 : side > 1 - SNAP ? 1 : side));
}

export function clamped([x, y]) {
  return [x, y].map((side) => round(Math.min(1, Math.max(0, side))));
}

export function middle(a, b) {
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
}

export function contains(polygon, [x, y]) {
  let inside = false;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const [ax, ay] = polygon[i];
    const [bx, by] = polygon[j];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

// The share of a box that lies in `polygons` and outside `ignored`.
const GRID = 7;
export function shareInside([x0, y0, x1, y1], polygons, ignored) {
  let count = 0;
  for (let i = 0; i < GRID * GRID; i++) {
    const point = [x0 + ((x1 - x0) * ((i % GRID) + 0.5)) / GRID, y0 + ((y1 - y0) * (Math.floor(i / GRID) + 0.5)) / GRID];
    const isIn = polygons.some((each) => contains(each, point));
    if (isIn && !ignored.some((each) => contains(each, point))) count++;
  }
  return count / (GRID * GRID);
}

export function mean(points) {
  return [0, 1].map((k) => points.reduce((sum, point) => sum + point[k], 0) / points.length);
}

// Moves a polygon by (dx, dy), as far as the picture's border lets it.
export function shifted(polygon, [dx, dy]) {
  const [xs, ys] = [0, 1].map((k) => polygon.map((point) => point[k]));
  const x = Math.max(-Math.min(...xs), Math.min(1 - Math.max(...xs), dx));
  const y = Math.max(-Math.min(...ys), Math.min(1 - Math.max(...ys), dy));
  return polygon.map((point) => clamped([point[0] + x, point[1] + y]));
}

// The plane of the water: a function from a point of the picture to metres, null above the horizon.
// Null where the four points do not make a plane. Hartley and Zisserman, chapter 4.1.
export function ground(px, m) {
  const isComplete = [...px, ...m].every((point) => point.every((side) => Number.isFinite(side)));
  if (!isComplete) return null;
  const rows = px.flatMap(([x, y], i) => {
    const [u, v] = m[i];
    return [[x, y, 1, 0, 0, 0, -u * x, -u * y, u], [0, 0, 0, x, y, 1, -v * x, -v * y, v]];
  });
  const h = solved(rows);
  if (!h) return null;
  const depth = ([x, y]) => h[6] * x + h[7] * y + 1;
  const side = Math.sign(depth(px[0])); // the water's side of the horizon
  return ([x, y]) => {
    const w = depth([x, y]);
    if (w * side <= 1e-9) return null;
    return [(h[0] * x + h[1] * y + h[2]) / w, (h[3] * x + h[4] * y + h[5]) / w];
  };
}

// Gauss with pivoting; `rows` carry the right side as their last column. Null where singular.
function solved(rows) {
  const n = rows.length;
  for (let k = 0; k < n; k++) {
    let best = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(rows[i][k]) > Math.abs(rows[best][k])) best = i;
    [rows[k], rows[best]] = [rows[best], rows[k]];
    if (Math.abs(rows[k][k]) < 1e-12) return null;
    for (let i = k + 1; i < n; i++) {
      const factor = rows[i][k] / rows[k][k];
      for (let j = k; j <= n; j++) rows[i][j] -= factor * rows[k][j];
    }
  }
  const found = new Array(n).fill(0);
  for (let k = n - 1; k >= 0; k--) {
    const rest = rows[k].slice(k + 1, n).reduce((sum, value, i) => sum + value * found[k + 1 + i], 0);
    found[k] = (rows[k][n] - rest) / rows[k][k];
  }
  return found;
}

// How far a patrol has gone, as the gateway will measure it (desk/track.py has the rules).

const EARTH_M = 6_371_008.8;
const GAP_S = 90;
const WORST_ACCURACY_M = 60;
const LEAST_STEP_M = 8;
const FASTEST_M_S = 15;

const radians = (degrees) => (degrees * Math.PI) / 180;

export function distanceM([lon, lat], [otherLon, otherLat]) {
  const chord = Math.sin(radians(otherLat - lat) / 2) ** 2
    + Math.cos(radians(lat)) * Math.cos(radians(otherLat)) * Math.sin(radians(otherLon - lon) / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.sqrt(Math.min(chord, 1)));
}

/** Counts a patrol up, fix by fix: [seconds since its start, lon, lat, accuracy_m]. */
export class Track {
  lengthM = 0;
  gaps = 0;
  #last = null;
  #counted = null;

  add([at, lon, lat, accuracyM]) {
    const place = [lon, lat];
    if (accuracyM > WORST_ACCURACY_M || this.#isLeap(at, place, accuracyM)) return;
    const wasGap = this.#last !== null && at - this.#last.at > GAP_S;
    if (wasGap) this.gaps += 1;
    if (this.#counted === null || wasGap) {
      this.#counted = place;
    } else {
      const step = distanceM(this.#counted, place);
      if (step >= Math.max(LEAST_STEP_M, accuracyM)) {
        this.lengthM += step;
        this.#counted = place;
      }
    }
    this.#last = { at, place, accuracyM };
  }

  #isLeap(at, place, accuracyM) {
    if (this.#last === null) return false;
    const seconds = at - this.#last.at;
    if (seconds <= 0) return true;
    return distanceM(this.#last.place, place) - accuracyM - this.#last.accuracyM > FASTEST_M_S * seconds;
  }
}

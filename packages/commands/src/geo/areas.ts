import {
  interleave,
  latitudeCell,
  latitudeCellOf,
  latitudeMax,
  longitudeCell,
  longitudeCellOf,
  longitudeMax,
  stepMax,
} from './coordinates.ts';
import { degrees, earthRadius, radians } from './distance.ts';

/** Half of the equator in metres, as the search estimates it. */
const mercatorMax = 20037726.37;

/** Neighbours in the order in which Redis searches them: the middle, then N, S, E, W, NE, NW, SE, SW. */
const eastward = [0, 0, 0, 1, -1, 1, -1, 1, -1];
const northward = [0, 1, -1, 0, 0, 1, 1, -1, -1];
const areasMax = 9;

/**
 * The cells of the map, of one size, in which all positions of a search lie: the one around its centre and up to eight
 * neighbours. Each is a range of scores.
 */
export class SearchAreas {
  count = 0;
  /** Scores from `min` on and below `max`. */
  readonly min = new Float64Array(areasMax * 4);
  readonly max = new Float64Array(areasMax * 4);
  readonly #cells = new Float64Array(areasMax);
  readonly #isUseless = new Uint8Array(areasMax);

  /** All for a search around a position, so many metres to each side; `radius` is that of a circle around it all. */
  find(longitude: number, latitude: number, width: number, height: number, radius: number): void {
    const latitudeDelta = degrees(height / earthRadius);
    // Meridians are nearest to one another at the side that is nearer to a pole.
    const edge = latitude < 0 ? latitude - latitudeDelta : latitude + latitudeDelta;
    const longitudeDelta = degrees(width / earthRadius / Math.cos(radians(edge)));
    const west = longitude - longitudeDelta;
    const east = longitude + longitudeDelta;
    const south = latitude - latitudeDelta;
    const north = latitude + latitudeDelta;

    let step = stepFor(radius, latitude);
    let x = longitudeCell(longitude, step);
    let y = latitudeCell(latitude, step);
    // A search that begins near the border of its cell may pass the border of the next one.
    const passes =
      latitudeAt(moved(y, 1, step) + 1, step) < north ||
      latitudeAt(moved(y, -1, step), step) > south ||
      longitudeAt(moved(x, 1, step) + 1, step) < east ||
      longitudeAt(moved(x, -1, step), step) > west;
    if (step > 1 && passes) {
      step--;
      x = longitudeCell(longitude, step);
      y = latitudeCell(latitude, step);
    }
    this.#isUseless.fill(0);
    if (step >= 2) {
      const isUseless = this.#isUseless;
      for (let i = 0; i < areasMax; i++) {
        const isOutside =
          (northward[i] < 0 && latitudeAt(y, step) < south) ||
          (northward[i] > 0 && latitudeAt(y + 1, step) > north) ||
          (eastward[i] < 0 && longitudeAt(x, step) < west) ||
          (eastward[i] > 0 && longitudeAt(x + 1, step) > east);
        if (isOutside) isUseless[i] = 1;
      }
    }
    this.#fill(x, y, step);
  }

  /** Leaves out the quarters of cells that lie outside these bounds, in cells of `stepMax` bits: most of what there is to look at. */
  narrow(south: number, north: number, west: number, east: number): void {
    const { count, max, min } = this;
    const quarter = count === 0 ? 0 : (max[0] - min[0]) / 4;
    if (quarter < 1) return;
    const side = Math.sqrt(quarter);
    const cells = this.#cells;
    for (let i = 0; i < count; i++) cells[i] = min[i];
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const x = longitudeCellOf(cells[i]);
      const y = latitudeCellOf(cells[i]);
      let isOpen = false;
      // In the order of their scores: the longitude has the higher bit.
      for (let part = 0; part < 4; part++) {
        const left = x + (part >>> 1) * side;
        const low = y + (part & 1) * side;
        const isInside = left <= east && left + side > west && low <= north && low + side > south;
        if (isInside && !isOpen) min[kept++] = cells[i] + part * quarter;
        if (isInside) max[kept - 1] = cells[i] + (part + 1) * quarter;
        isOpen = isInside;
      }
    }
    this.count = kept;
  }

  #fill(x: number, y: number, step: number): void {
    const scale = 2 ** (2 * (stepMax - step));
    let count = 0;
    let last = -1;
    for (let i = 0; i < areasMax; i++) {
      if (this.#isUseless[i] !== 0) continue;
      const cell = interleave(moved(x, eastward[i], step), moved(y, northward[i], step));
      // Where the cells are as large as half of the map, neighbours are one; as in Redis, the middle is not looked at.
      if (cell === last) continue;
      if (i > 0) last = cell;
      this.min[count] = cell * scale;
      this.max[count] = (cell + 1) * scale;
      count++;
    }
    this.count = count;
  }
}

/** Bits per coordinate with which nine cells are sure to hold a circle, or nearly. */
function stepFor(radius: number, latitude: number): number {
  if (radius === 0) return stepMax;
  let step = 1;
  for (let range = radius; range < mercatorMax; range *= 2) step++;
  step -= 2;
  const distance = Math.abs(latitude);
  if (distance > 66) step--;
  if (distance > 80) step--;
  return Math.max(1, Math.min(stepMax, step));
}

/** The map has no border: after the last cell comes the first. (The last degree itself is a cell behind the last, and stays so.) */
function moved(cell: number, by: number, step: number): number {
  return by === 0 ? cell : (cell + by) & ((1 << step) - 1);
}

function longitudeAt(cell: number, step: number): number {
  return (cell / 2 ** step) * (2 * longitudeMax) - longitudeMax;
}

function latitudeAt(cell: number, step: number): number {
  return (cell / 2 ** step) * (2 * latitudeMax) - latitudeMax;
}

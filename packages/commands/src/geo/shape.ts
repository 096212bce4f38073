import type { SearchAreas } from './areas.ts';
import {
  isPosition,
  latitudeCell,
  latitudeCellOf,
  latitudeOf,
  longitudeCell,
  longitudeCellOf,
  longitudeMax,
  longitudeOf,
  stepMax,
} from './coordinates.ts';
import { degrees, distanceBetween, earthRadius, exactDistance, isDoubtful, radians } from './distance.ts';

/** What cannot be inside by so much is not looked at closely; far more than the arithmetic is off by. */
const slack = 1e-9;
const widened = 1 + slack;

/** What is searched: a circle or a box around a position, in a unit of the client's. */
export class SearchShape {
  longitude = 0;
  latitude = 0;
  isBox = false;
  radius = 0;
  width = 0;
  height = 0;
  /** Metres per unit. */
  unit = 1;
  /** Degrees from the centre within which all of it lies, and the haversine of the radius. */
  #latitudeReach = 0;
  #longitudeReach = 0;
  #haversineMax = 0;
  /** Below it a position is inside whatever its distance is. */
  #haversineSure = -1;
  #centreAngle = 0;
  #centreCosine = 0;
  /** Cells of coordinates that may be inside, by so much. */
  #cellSouth = 0;
  #cellNorth = 0;
  #cellWest = 0;
  #cellEast = 0;

  /** Finds the areas to search; afterwards positions can be tested. Distances may be left out where nobody needs them. */
  prepare(areas: SearchAreas, needsDistances: boolean): void {
    const { longitude, latitude, unit } = this;
    if (this.isBox) {
      const halfWidth = this.width / 2;
      const halfHeight = this.height / 2;
      const corner = Math.sqrt(halfWidth * halfWidth + halfHeight * halfHeight) * unit;
      areas.find(longitude, latitude, unit * halfWidth, unit * halfHeight, corner);
      this.#latitudeReach = degrees((unit * halfHeight) / earthRadius) * widened + slack;
      this.#longitudeReach = Infinity;
      this.#reachCells(areas);
      return;
    }
    const radius = this.radius * unit;
    areas.find(longitude, latitude, radius, radius, radius);
    const angle = radius / earthRadius;
    this.#latitudeReach = degrees(angle) * widened + slack;
    const isAroundPole = Math.abs(latitude) + this.#latitudeReach >= 90;
    const reach = degrees(Math.asin(Math.sin(angle) / Math.cos(radians(latitude)))) * widened + slack;
    this.#longitudeReach = isAroundPole ? Infinity : reach;
    const sine = angle < Math.PI ? Math.sin(angle / 2) : 1;
    this.#haversineMax = sine * sine * widened;
    this.#haversineSure = needsDistances ? -1 : sine * sine * (1 - slack);
    this.#centreAngle = radians(latitude);
    this.#centreCosine = Math.cos(this.#centreAngle);
    this.#reachCells(areas);
  }

  /** Where a circle passes the border of the map at 180 degrees, cells do not tell. */
  #reachCells(areas: SearchAreas): void {
    const { longitude, latitude } = this;
    const reach = this.#longitudeReach;
    const isAcross = !(longitude - reach > -longitudeMax && longitude + reach < longitudeMax);
    this.#cellSouth = latitudeCell(latitude - this.#latitudeReach, stepMax) - 1;
    this.#cellNorth = latitudeCell(latitude + this.#latitudeReach, stepMax) + 1;
    this.#cellWest = isAcross ? -Infinity : longitudeCell(longitude - reach, stepMax) - 1;
    this.#cellEast = isAcross ? Infinity : longitudeCell(longitude + reach, stepMax) + 1;
    areas.narrow(this.#cellSouth, this.#cellNorth, this.#cellWest, this.#cellEast);
  }

  /** Metres from the centre to a position inside, or 0 where nobody needs them; -1 when it is outside. */
  distanceTo(score: number): number {
    // Most are outside, which cells tell in a third of the time.
    if (isPosition(score)) {
      const y = latitudeCellOf(score);
      if (y < this.#cellSouth || y > this.#cellNorth) return -1;
      const x = longitudeCellOf(score);
      if (x < this.#cellWest || x > this.#cellEast) return -1;
    }
    const latitude = latitudeOf(score);
    if (Math.abs(latitude - this.latitude) > this.#latitudeReach) return -1;
    const longitude = longitudeOf(score);
    if (this.isBox) return this.#distanceInBox(longitude, latitude);
    const apart = Math.abs(longitude - this.longitude);
    if ((apart > 180 ? 360 - apart : apart) > this.#longitudeReach) return -1;
    // `haversine`, of which half is known.
    const angle = radians(latitude);
    const u = Math.sin((angle - this.#centreAngle) / 2);
    const v = Math.sin((radians(longitude) - radians(this.longitude)) / 2);
    const sine2 = u * u + this.#centreCosine * Math.cos(angle) * v * v;
    if (sine2 > this.#haversineMax) return -1;
    if (sine2 < this.#haversineSure) return 0;
    const distance = 2 * earthRadius * Math.asin(Math.sqrt(sine2));
    return distance > this.radius * this.unit ? -1 : distance;
  }

  /** The same as Redis computes it, to the last bit. */
  exactDistanceTo(score: number): number {
    return exactDistance(this.longitude, this.latitude, longitudeOf(score), latitudeOf(score));
  }

  /** In units: what `distanceTo` gave, or more exactly where four decimals need it. */
  printedDistanceTo(score: number, distance: number): number {
    return (isDoubtful(distance, this.unit) ? this.exactDistanceTo(score) : distance) / this.unit;
  }

  /** The width counts along the parallel of the position, the height along its meridian. */
  #distanceInBox(longitude: number, latitude: number): number {
    if (distanceBetween(longitude, latitude, this.longitude, latitude) > (this.width * this.unit) / 2) return -1;
    if (distanceBetween(longitude, latitude, longitude, this.latitude) > (this.height * this.unit) / 2) return -1;
    return distanceBetween(this.longitude, this.latitude, longitude, latitude);
  }
}

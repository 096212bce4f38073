import { exactArcSine, exactCosine, exactSine } from './exact-angles.ts';

/** Metres; Redis's: the quadratic mean radius of WGS 84. */
export const earthRadius = 6372797.560856;

const radiansPerDegree = Math.PI / 180;

export function radians(inDegrees: number): number {
  return inDegrees * radiansPerDegree;
}

export function degrees(radian: number): number {
  return radian / radiansPerDegree;
}

/** Square of the sine of half the angle between two positions, seen from the centre of the earth. */
function haversine(longitude1: number, latitude1: number, longitude2: number, latitude2: number): number {
  const latitudeAngle1 = radians(latitude1);
  const latitudeAngle2 = radians(latitude2);
  const u = Math.sin((latitudeAngle2 - latitudeAngle1) / 2);
  const v = Math.sin((radians(longitude2) - radians(longitude1)) / 2);
  return u * u + Math.cos(latitudeAngle1) * Math.cos(latitudeAngle2) * v * v;
}

/** Metres along the great circle between two positions in degrees. */
export function distanceBetween(longitude1: number, latitude1: number, longitude2: number, latitude2: number): number {
  return 2 * earthRadius * Math.asin(Math.sqrt(haversine(longitude1, latitude1, longitude2, latitude2)));
}

/** Beyond this, nearly opposite positions, the last digits of the arc sine depend on much. */
const farDistance = 1.9e7;
/** Metres by which a nearer distance may be off. */
const errorMax = 1e-7;

/** The distance as C computes it, to the last bit: 1.2 us. For what is stored. */
export function exactDistance(longitude1: number, latitude1: number, longitude2: number, latitude2: number): number {
  const latitudeAngle1 = radians(latitude1);
  const latitudeAngle2 = radians(latitude2);
  const u = exactSine((latitudeAngle2 - latitudeAngle1) / 2);
  const v = exactSine((radians(longitude2) - radians(longitude1)) / 2);
  const square = u * u + exactCosine(latitudeAngle1) * exactCosine(latitudeAngle2) * v * v;
  return 2 * earthRadius * exactArcSine(Math.sqrt(square));
}

/** Whether four decimals of a distance, in units of so many metres, might be others were it exact. */
export function isDoubtful(distance: number, unit: number): boolean {
  const scaled = (distance / unit) * 1e4;
  return distance > farDistance || Math.abs(scaled - Math.floor(scaled) - 0.5) <= (errorMax / unit) * 1e4;
}

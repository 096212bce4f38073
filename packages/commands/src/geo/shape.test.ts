import { Prng } from '@kvartz/base';
import { expect, test } from 'vitest';
import { SearchAreas } from './areas.ts';
import { latitudeMax, latitudeOf, longitudeOf, scoreOf } from './coordinates.ts';
import { distanceBetween, earthRadius } from './distance.ts';
import { SearchShape } from './shape.ts';

const random = new Prng(7);

function between(min: number, max: number): number {
  return min + (max - min) * (random.uint32() / 2 ** 32);
}

function isWithin(areas: SearchAreas, score: number): boolean {
  for (let i = 0; i < areas.count; i++) if (score >= areas.min[i] && score < areas.max[i]) return true;
  return false;
}

test('quarters of cells and cells of positions that are left out hold nothing that is inside', () => {
  let inside = 0;
  for (let round = 0; round < 3000; round++) {
    const shape = new SearchShape();
    shape.longitude = round % 5 === 0 ? between(175, 180) * (round % 2 === 0 ? 1 : -1) : between(-180, 180);
    shape.latitude = round % 7 === 0 ? between(75, latitudeMax) : between(-latitudeMax, latitudeMax);
    shape.radius = 10 ** between(0, 7);
    const whole = new SearchAreas();
    whole.find(shape.longitude, shape.latitude, shape.radius, shape.radius, shape.radius);
    const areas = new SearchAreas();
    shape.prepare(areas, round % 2 === 0);
    const reach = (shape.radius / earthRadius) * (180 / Math.PI) * 1.1;
    for (let i = 0; i < 60; i++) {
      const latitude = shape.latitude + between(-reach, reach);
      const longitude = shape.longitude + between(-reach, reach) / Math.cos((shape.latitude * Math.PI) / 180);
      if (!(Math.abs(longitude) < 180 && Math.abs(latitude) < latitudeMax)) continue;
      const score = scoreOf(longitude, latitude);
      if (!isWithin(whole, score)) continue;
      const distance = distanceBetween(shape.longitude, shape.latitude, longitudeOf(score), latitudeOf(score));
      const isInside = distance <= shape.radius;
      expect(shape.distanceTo(score) >= 0).toBe(isInside);
      if (!isInside) continue;
      inside++;
      if (!isWithin(areas, score)) expect.unreachable(`${shape.longitude} ${shape.latitude} ${shape.radius}: ${score}`);
    }
  }
  expect(inside).toBeGreaterThan(10_000);
});

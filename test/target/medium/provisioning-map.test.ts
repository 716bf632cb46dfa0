import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProvisioningMap } from '../../../target/medium/provisioning-map.js';

const GRANULE = 4096;
/** Two pages of bits and a little more; the last granule is cut short. */
const GRANULES = 2 * 32768 + 5;
const SIZE = GRANULES * GRANULE - 512;

/** The states of a whole map, as runs. */
function runsOf(map: ProvisioningMap, sizeBytes = SIZE): [boolean, number][] {
  const runs: [boolean, number][] = [];
  let at = 0;
  while (at < sizeBytes) {
    const { deallocated, endBytes } = map.extentAt(at);
    expect(endBytes).toBeGreaterThan(at);
    runs.push([deallocated, endBytes]);
    at = endBytes;
  }
  return runs;
}

describe('The provisioning map', () => {
  it('of a blank medium has nothing mapped, of any other everything', () => {
    expect(runsOf(new ProvisioningMap(SIZE, GRANULE, true))).toEqual([[true, SIZE]]);
    expect(runsOf(new ProvisioningMap(SIZE, GRANULE, false))).toEqual([[false, SIZE]]);
  });

  it('maps every granule that a write touches, and unmaps only whole ones', () => {
    const map = new ProvisioningMap(SIZE, GRANULE, true);
    map.map(GRANULE - 512, 1024);
    expect(runsOf(map)).toEqual([
      [false, 2 * GRANULE],
      [true, SIZE],
    ]);
    map.unmap(512, 2 * GRANULE - 512);
    expect(runsOf(map)[0]).toEqual([false, GRANULE]);
    map.unmap(0, GRANULE - 512);
    expect(runsOf(map)[0]).toEqual([false, GRANULE]);
  });

  it('takes the last granule as whole, though the medium ends within', () => {
    const map = new ProvisioningMap(SIZE, GRANULE, false);
    const last = (GRANULES - 1) * GRANULE;
    map.unmap(last, SIZE - last);
    expect(runsOf(map)).toEqual([
      [false, last],
      [true, SIZE],
    ]);
  });

  it.each([
    ['within the last page', 3 * 32768 * GRANULE - 512],
    ['by pages', 5 * 32768 * GRANULE + 512],
  ])('that grows %s has what is added unmapped, and the rest as it was', (_, grown) => {
    const map = new ProvisioningMap(SIZE, GRANULE, false);
    map.grow(grown, SIZE);
    expect(runsOf(map, grown)).toEqual([
      [false, GRANULES * GRANULE],
      [true, grown],
    ]);
    const blank = new ProvisioningMap(SIZE, GRANULE, true);
    blank.map(0, 1);
    blank.grow(grown, SIZE);
    expect(runsOf(blank, grown)).toEqual([
      [false, GRANULE],
      [true, grown],
    ]);
    blank.unmap(0, grown);
    expect(runsOf(blank, grown)).toEqual([[true, grown]]);
  });

  it('that grows into what was there already has it mapped', () => {
    const map = new ProvisioningMap(SIZE, GRANULE, true);
    map.grow(SIZE + 4 * GRANULE, SIZE + GRANULE);
    // The last granule of before, which was cut short, has bytes of both.
    expect(runsOf(map, SIZE + 4 * GRANULE)).toEqual([
      [true, (GRANULES - 1) * GRANULE],
      [false, (GRANULES + 1) * GRANULE],
      [true, SIZE + 4 * GRANULE],
    ]);
  });

  it('does what a list of booleans does', () => {
    const place = fc.oneof(fc.nat(GRANULES - 1), fc.integer({ min: 32760, max: 32776 }), fc.constant(0));
    const length = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: GRANULES }));
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.array(fc.tuple(fc.boolean(), place, length), { minLength: 1, maxLength: 12 }),
        (blank, changes) => {
          const map = new ProvisioningMap(SIZE, GRANULE, blank);
          const model = new Array<boolean>(GRANULES).fill(blank);
          for (const [unmaps, first, count] of changes) {
            const end = Math.min(first + count, GRANULES);
            const position = first * GRANULE;
            const lengthBytes = Math.min(end * GRANULE, SIZE) - position;
            if (unmaps) map.unmap(position, lengthBytes);
            else map.map(position, lengthBytes);
            model.fill(unmaps, first, end);
          }
          const expected: [boolean, number][] = [];
          for (let granule = 0; granule < GRANULES; granule++) {
            if (granule + 1 < GRANULES && model[granule + 1] === model[granule]) continue;
            expected.push([model[granule] === true, Math.min((granule + 1) * GRANULE, SIZE)]);
          }
          expect(runsOf(map)).toEqual(expected);
        },
      ),
      { numRuns: 60 },
    );
  });
});

import { describe, expect, it } from 'vitest';
import { exceededCapacity } from '../../../harness/cluster/capacity.js';

describe('the capacity of a node', () => {
  it('is exceeded by the sum of what runs there and what would', () => {
    const running = [{ weight: { memory: 2 } }, { weight: { memory: 3, io: 9 } }];
    expect(exceededCapacity({ memory: 8 }, { weight: { memory: 3 } }, running)).toBeUndefined();
    expect(exceededCapacity({ memory: 7 }, { weight: { memory: 3 } }, running)).toBe('memory');
    expect(exceededCapacity({ memory: 8, io: 5 }, { weight: { memory: 3 } }, running)).toBe('io');
  });

  it('counts packages by package_limit, one each unless they say otherwise', () => {
    expect(exceededCapacity({ package_limit: 2 }, {}, [{}])).toBeUndefined();
    expect(exceededCapacity({ package_limit: 2 }, {}, [{}, {}])).toBe('package_limit');
    expect(exceededCapacity({ package_limit: 2 }, { weight: { package_limit: 2 } }, [{}])).toBe(
      'package_limit',
    );
  });

  it('has no end where nothing is named, and takes nothing of what a package does not name', () => {
    expect(exceededCapacity(undefined, { weight: { memory: 3 } }, [{}])).toBeUndefined();
    expect(exceededCapacity({ memory: 0 }, {}, [{}])).toBeUndefined();
  });
});

import { Type } from 'typebox';
import { lunOf } from '../../cluster/model.js';
import { keysIn, reservationKeyIn } from '../commands.js';
import { closed, Name } from '../schema/words.js';
import type { StepHandlers } from './step.js';

/** What must be so at a moment of the scenario, as a machine that is no node sees it. */
export const checkStepSchemas = {
  /** What an observer reads from a LUN must be this. */
  expectKeys: Type.Object(
    {
      lun: Name,
      keys: Type.Array(
        Type.String({
          pattern: '^0x[0-9a-f]{1,16}$',
          description: 'a key such as 0x10001',
        }),
        {
          description: 'a list of keys, one per registered path; [] for none',
        },
      ),
      reservation: Type.String({
        pattern: '^(none|0x[0-9a-f]{1,16})$',
        description: 'none, or the key of the holder such as 0x10001',
      }),
    },
    { ...closed, description: 'lun, keys and reservation' },
  ),
  /** Where a package runs by the cluster's own account; `none`: nowhere. */
  expectOwner: Type.Object({ package: Name, node: Name }, { ...closed, description: 'package and node' }),
  /** Who belongs to a cluster. */
  expectMembers: Type.Object(
    { cluster: Name, nodes: Type.Array(Name, { description: 'a list of nodes; [] for none' }) },
    { ...closed, description: 'cluster and nodes' },
  ),
} as const;

export const checkSteps: StepHandlers<typeof checkStepSchemas> = {
  expectKeys: async (value, { scenario, runtime, ledger }) => {
    const { lun } = lunOf(scenario.site, value.lun);
    const reading = await runtime.observe(lun, ['--no-inquiry', '--in', '--read-keys']);
    const holder = await runtime.observe(lun, ['--no-inquiry', '--in', '--read-reservation']);
    const keys = hexList(keysIn(reading.stdout));
    const holderKey = reservationKeyIn(holder.stdout);
    const reservation = holderKey === undefined ? 'none' : hex(holderKey);
    const expectedKeys = hexList(value.keys.map(BigInt));
    ledger.check(
      `LUN ${value.lun} has keys [${keys}] and reservation ${reservation}, expected [${expectedKeys}] and ${value.reservation}`,
      reading.exitStatus === 0 &&
        holder.exitStatus === 0 &&
        keys === expectedKeys &&
        reservation === value.reservation,
    );
  },

  expectOwner: (value, { packages, ledger }) => {
    const owners = packages.running(value.package).map(({ node }) => node);
    const found = owners.length === 0 ? 'none' : owners.join(', ');
    ledger.check(`${value.package} runs on ${found}, expected ${value.node}`, found === value.node);
    return Promise.resolve();
  },

  expectMembers: (value, { membership, ledger }) => {
    const found = membership.members(value.cluster).toSorted().join(', ');
    const expected = value.nodes.toSorted().join(', ');
    ledger.check(`members of ${value.cluster} are [${found}], expected [${expected}]`, found === expected);
    return Promise.resolve();
  },
};

const hex = (key: bigint): string => `0x${key.toString(16)}`;
const hexList = (keys: readonly bigint[]): string => keys.map(hex).toSorted().join(', ');

import { openDevice } from '../../../initiator/index.js';
import type { Nexus, Reach } from './reach.js';

/** A logical unit that only command lines reach, one for each initiator, as `exec:ssh node1 sg_raw /dev/sdb`. */
export function execReach(
  devices: readonly string[],
  initiatorNames: readonly string[],
  commands: Pick<Reach, 'powerCycle' | 'restart'> = {},
): Reach {
  return {
    name: devices.join(' and '),
    targetPorts: 1,
    ownsSessions: false,
    connect: async ({ iscsiName }): Promise<Nexus> => {
      const device = devices[initiatorNames.indexOf(iscsiName)];
      if (device === undefined) throw new RangeError(`no command line for ${iscsiName}`);
      const path = await openDevice(device, { readOnly: false });
      const impossible = (): Promise<never> => Promise.reject(new Error('a command line cannot do this'));
      return {
        initiatorPort: undefined,
        execute: (cdb, options) => path.execute(cdb, options),
        manageTask: impossible,
        logout: () => path.close(),
        drop: () => path.close(),
      };
    },
    ...commands,
  };
}

import { AbortedInMemoryError, type Target } from '../../../target/index.js';
import type { TransportId } from '../../../protocol/index.js';
import { CommandEndedError, type Nexus, type Reach } from './reach.js';

/** A LUN of a target in this process, without sockets: for the zoo, where a suite runs against many targets. */
export function memoryReach(target: Target, lun: number): Reach {
  return {
    name: `${target.iqn}, LUN ${lun}, in memory`,
    targetPorts: target.portals.length,
    ownsSessions: true,
    connect: (port, targetPort) => {
      const initiatorPort: TransportId = { protocol: 'iscsi', ...port };
      const { relativeTargetPortId } = target.portals[targetPort] ?? { relativeTargetPortId: targetPort + 1 };
      return Promise.resolve(nexusInMemory(target, lun, initiatorPort, relativeTargetPortId));
    },
    powerCycle: (what) => target.powerCycle({ loseReservations: what === 'lose' }),
  };
}

function nexusInMemory(
  target: Target,
  lun: number,
  initiatorPort: TransportId,
  relativeTargetPortId: number,
): Nexus {
  const path = target.connectInMemory({ initiatorPort, relativeTargetPortId }, lun);
  return {
    initiatorPort,
    execute: async (cdb, options) => {
      try {
        return await path.execute(cdb, options);
      } catch (error) {
        if (error instanceof AbortedInMemoryError)
          throw new CommandEndedError(error.message, { cause: error });
        throw error;
      }
    },
    manageTask: async (fn) => (await path.manageTasks({ function: fn, lun })) === 'complete',
    logout: () => path.close(),
    drop: () => path.close(),
  };
}

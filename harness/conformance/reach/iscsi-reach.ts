import {
  CommandAbortedError,
  connectIscsi,
  formatIscsiUrl,
  loginSettings,
  type IscsiUrl,
  type LoginSettings,
} from '../../../initiator/index.js';
import { TASK_MANAGEMENT_RESPONSE, type TransportId } from '../../../protocol/index.js';
import { CommandEndedError, type Nexus, type Reach } from './reach.js';

/** What a user may give beside the URLs, each a shell command that this machine runs. */
export type TargetCommands = Pick<Reach, 'powerCycle' | 'restart'>;

/** A logical unit behind one or two portals, each a target port, over iSCSI. */
export function iscsiReach(urls: readonly IscsiUrl[], commands: TargetCommands = {}): Reach {
  return {
    name: urls.map(formatIscsiUrl).join(' and '),
    targetPorts: urls.length,
    ownsSessions: true,
    connect: (port, targetPort) => {
      const url = urlAt(urls, targetPort);
      return connect(url, { protocol: 'iscsi', ...port }, loginSettings(url.chap, process.env));
    },
    ...commands,
  };
}

function urlAt(urls: readonly IscsiUrl[], targetPort: number): IscsiUrl {
  const url = urls[targetPort];
  if (url === undefined) throw new RangeError(`target port ${targetPort + 1} of ${urls.length}`);
  return url;
}

async function connect(
  url: IscsiUrl,
  port: TransportId & { protocol: 'iscsi' },
  settings: LoginSettings,
): Promise<Nexus> {
  const session = await connectIscsi({
    host: url.host,
    port: url.port,
    targetName: url.targetName,
    initiatorName: port.iscsiName,
    isid: port.isid ?? 0n,
    ...settings,
  });
  const path = session.path(url.lun);
  return {
    initiatorPort: port,
    execute: async (cdb, options) => {
      try {
        return await path.execute(cdb, options);
      } catch (error) {
        if (error instanceof CommandAbortedError)
          throw new CommandEndedError(error.message, { cause: error });
        throw error;
      }
    },
    manageTask: async (fn) => {
      const { response } = await session.manageTask({ function: fn, lun: url.lun });
      return response === TASK_MANAGEMENT_RESPONSE.functionComplete;
    },
    logout: () => session.close(),
    drop: () => {
      session.abort();
      return Promise.resolve();
    },
  };
}

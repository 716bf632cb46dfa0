import {
  basicParameterList,
  persistentReserveInCdb,
  persistentReserveOutCdb,
  PR_IN_SERVICE_ACTION,
  PR_OUT_SERVICE_ACTION,
  registerAndMoveParameterList,
  type PrOutServiceAction,
} from '../../protocol/index.js';
import type { Options } from './options.js';
import type { Command } from './pass-through.js';
import { PR_IN_NAME } from './report.js';

/** The names that messages have for the service actions of PERSISTENT RESERVE OUT. */
const PR_OUT_NAME: Readonly<Record<PrOutServiceAction, string>> = {
  register: 'Register',
  reserve: 'Reserve',
  release: 'Release',
  clear: 'Clear',
  preempt: 'Preempt',
  preemptAndAbort: 'Preempt and abort',
  registerAndIgnoreExistingKey: 'Register and ignore existing key',
  registerAndMove: 'register and move',
  replaceLostReservation: 'Replace lost reservation',
};

/** The command that the options ask for, and how messages name it: `PR out (Reserve)`. */
export function commandOf(options: Options): { readonly command: Command; readonly title: string } {
  const { action } = options;
  if (action.direction === 'in') {
    const { allocationLength } = options;
    return {
      title: `PR in (${PR_IN_NAME[action.serviceAction]})`,
      command: {
        name: 'Persistent reservation in',
        cdb: persistentReserveInCdb(PR_IN_SERVICE_ACTION[action.serviceAction], allocationLength),
        dataInLength: allocationLength,
        showsResponse: true,
      },
    };
  }
  const dataOut = parameterList(options, action.serviceAction);
  return {
    title: `PR out (${PR_OUT_NAME[action.serviceAction]})`,
    command: {
      name: 'Persistent reservation out',
      cdb: persistentReserveOutCdb({
        serviceAction: PR_OUT_SERVICE_ACTION[action.serviceAction],
        type: options.type & 0x0f,
        parameterListLength: dataOut.length,
      }),
      dataOut,
    },
  };
}

function parameterList(options: Options, serviceAction: PrOutServiceAction): Uint8Array {
  const { reservationKey, serviceActionReservationKey, aptpl, allTgPt, transportIds } = options;
  const [transportId] = transportIds;
  if (serviceAction === 'registerAndMove' && transportId !== undefined) {
    return registerAndMoveParameterList({
      reservationKey,
      serviceActionReservationKey,
      unreg: options.unreg,
      aptpl,
      relativeTargetPortId: options.relativeTargetPortId,
      transportId,
    });
  }
  return basicParameterList({
    reservationKey,
    serviceActionReservationKey,
    allTgPt,
    aptpl,
    ...(transportIds.length > 0 ? { transportIds } : {}),
  });
}

/** What `-v` says when PERSISTENT RESERVE OUT succeeded. */
export function successText(serviceAction: PrOutServiceAction): string {
  const name = PR_OUT_NAME[serviceAction];
  return serviceAction === 'registerAndMove'
    ? `PR out: '${name}' command successful\n`
    : `PR out: command (${name}) successful\n`;
}

import { decodeTransportId, type FullStatusDescriptor } from '../../../protocol/index.js';
import type { Actor } from '../actor.js';
import { OTHER_ISID, type Bench } from '../bench.js';
import type { ConformanceCase } from '../case.js';
import { CaseFailure } from '../exchange.js';
import { ownSessions, reserveInAction, secondTargetPort } from '../needs.js';
import { portId } from './transport-id-bytes.js';

const CLAUSE = 'SPC-4 6.15.5, 7.6.4';

/** The one descriptor with the actor's key. Throws CaseFailure. */
async function descriptorOf(bench: Bench, { key, label }: Actor): Promise<FullStatusDescriptor> {
  const found = (await bench.fullStatus()).filter((one) => one.key === key);
  const [first] = found;
  if (first === undefined || found.length > 1) {
    throw new CaseFailure({
      message: `READ FULL STATUS: expected one descriptor for ${label}, received ${found.length}`,
    });
  }
  return first;
}

/** Requires that a descriptor names the actor's initiator port, as bytes and by meaning. */
function expectNamed(bench: Bench, actor: Actor, { transportIdBytes: bytes }: FullStatusDescriptor): void {
  const { label, port } = actor;
  const reading = decodeTransportId(bytes);
  if (!reading.ok || reading.transportId.protocol !== 'iscsi') {
    const data = { expected: undefined, received: bytes };
    throw new CaseFailure({ message: `the TransportID of ${label} is none of iSCSI`, data });
  }
  const { iscsiName, isid } = reading.transportId;
  bench.expectEqual(`iSCSI name of ${label}`, iscsiName.toLowerCase(), port.iscsiName.toLowerCase());
  bench.expectEqual(`ISID of ${label}`, isid?.toString(16) ?? 'none', port.isid.toString(16));
  bench.expectEqual(`bytes of the TransportID of ${label}`, bytes.length, reading.lengthBytes);
  const end = bytes.indexOf(0, 4);
  bench.expectBytes('what pads the name', bytes.subarray(end), new Uint8Array(bytes.length - end));
}

/** TransportIDs in READ FULL STATUS (C10). */
export const TRANSPORT_ID_CASES: readonly ConformanceCase[] = [
  {
    id: 'transport-id.full-status.names',
    title:
      'READ FULL STATUS names each initiator port by iSCSI name and ISID, terminated, padded to a multiple of 4',
    clause: CLAUSE,
    needs: [ownSessions, reserveInAction('readFullStatus')],
    run: async (bench) => {
      const { a, b, c } = bench;
      await bench.register(a, b, c);
      for (const actor of [a, b, c]) expectNamed(bench, actor, await descriptorOf(bench, actor));
    },
  },
  ...[
    { id: 'low-isid', isid: 0x00_023d_000001n, words: 'leading zeros' },
    { id: 'long-isid', isid: 0x80_fedc_ba9876n, words: 'all its digits' },
  ].map(({ id, isid, words }): ConformanceCase => ({
    id: `transport-id.full-status.${id}`,
    title: `READ FULL STATUS has the whole ISID, with ${words}`,
    clause: CLAUSE,
    needs: [ownSessions, reserveInAction('readFullStatus')],
    run: async (bench) => {
      const { b } = bench;
      await b.relogin({ isid });
      await bench.register(b);
      expectNamed(bench, b, await descriptorOf(bench, b));
    },
  })),
  {
    id: 'transport-id.full-status.two-sessions',
    title: 'Two sessions of one iSCSI name are two registrations, each with its ISID',
    clause: CLAUSE,
    needs: [ownSessions, reserveInAction('readFullStatus')],
    run: async (bench) => {
      const { b } = bench;
      await bench.register(b);
      await b.relogin({ isid: OTHER_ISID });
      await bench.register(b);
      const isids = (await bench.fullStatus()).map(({ transportId }) =>
        transportId?.protocol === 'iscsi' ? (transportId.isid?.toString(16) ?? 'none') : 'none',
      );
      bench.expectEqual('registrations', isids.length, 2);
      bench.expectEqual('their ISIDs differ', new Set(isids).size, 2);
    },
  },
  {
    id: 'transport-id.full-status.target-port',
    title: 'READ FULL STATUS has the RELATIVE TARGET PORT IDENTIFIER that page 83h gives for the port',
    clause: 'SPC-4 6.15.5, 7.8.5',
    needs: [reserveInAction('readFullStatus')],
    run: async (bench) => {
      await bench.register(bench.a);
      const { allTgPt, relativeTargetPortId } = await descriptorOf(bench, bench.a);
      if (bench.facts.relativeTargetPortIds[0] === undefined || allTgPt) {
        bench.skip('page 83h has no RELATIVE TARGET PORT IDENTIFIER, or the descriptor is for every port');
      }
      bench.expectEqual('RELATIVE TARGET PORT IDENTIFIER', relativeTargetPortId, portId(bench, 0));
    },
  },
  {
    id: 'transport-id.full-status.second-target-port',
    title: 'One initiator port registered through two target ports is two registrations, each with its port',
    clause: 'SPC-4 5.13.1, 6.15.5',
    needs: [secondTargetPort, reserveInAction('readFullStatus')],
    run: async (bench) => {
      const { a, a2 } = bench;
      await bench.register(a, a2);
      const [first, second] = [await descriptorOf(bench, a), await descriptorOf(bench, a2)];
      bench.expectEqual('the ports differ', first.relativeTargetPortId !== second.relativeTargetPortId, true);
      bench.expectEqual('RELATIVE TARGET PORT IDENTIFIER of A', first.relativeTargetPortId, portId(bench, 0));
      bench.expectEqual(
        'RELATIVE TARGET PORT IDENTIFIER of A2',
        second.relativeTargetPortId,
        portId(bench, 1),
      );
      bench.expectBytes('TransportID of A2', second.transportIdBytes, first.transportIdBytes);
    },
  },
];

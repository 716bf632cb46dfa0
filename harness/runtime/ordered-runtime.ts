import type { Happening, Order } from './order.js';
import type { Runtime } from './runtime.js';

type Act = Exclude<Happening['what'], 'command'>;

/**
 * A runtime in which what is done to nodes and holds has its turn. While a run is recorded, what stops somebody is
 * written down when it is done, since their commands come until then, and what lets somebody go on before it is done.
 * In a replay each waits for its turn first.
 */
export function inOrder(runtime: Runtime, order: Order, mode: 'record' | 'replay'): Runtime {
  const stopping = async <T>(what: Act, on: string, act: () => Promise<T>): Promise<T> => {
    if (mode === 'replay') await order.turn({ what, on });
    const done = await act();
    if (mode === 'record') await order.turn({ what, on });
    return done;
  };
  const starting = async <T>(what: Act, on: string, act: () => Promise<T>): Promise<T> => {
    await order.turn({ what, on });
    return act();
  };
  return {
    kind: runtime.kind,
    clock: runtime.clock,
    stalled: runtime.stalled,
    realMsPerSecond: runtime.realMsPerSecond,
    portals: runtime.portals,
    ...(runtime.array === undefined ? {} : { array: runtime.array }),
    sgPersist: (node, args) => runtime.sgPersist(node, args),
    observe: (lun, options) => runtime.observe(lun, options),
    observerPath: (lun) => runtime.observerPath(lun),
    openPaths: (node, lun) => runtime.openPaths(node, lun),
    runScript: (node, script, argument) => runtime.runScript(node, script, argument),
    startApplication: (spec, report) => runtime.startApplication(spec, report),
    placeOf: (node) => runtime.placeOf(node),
    hang: (node) => stopping('hang', node, () => runtime.hang(node)),
    wake: (node) => starting('wake', node, () => runtime.wake(node)),
    crash: (node) => stopping('crash', node, () => runtime.crash(node)),
    quiesce: (node) => stopping('other', `quiesce ${node}`, () => runtime.quiesce(node)),
    resume: (node) => starting('other', `resume ${node}`, () => runtime.resume(node)),
    relocate: (node, host) =>
      starting('other', `relocate ${node} ${host}`, () => runtime.relocate(node, host)),
    crashHost: (host) => stopping('other', `crashHost ${host}`, () => runtime.crashHost(host)),
    replace: (node, place, source) =>
      starting('other', `replace ${node} ${place.port}`, () => runtime.replace(node, place, source)),
    restart: (node, place) =>
      starting('other', `restart ${node} ${place.port}`, () => runtime.restart(node, place)),
    logInAgain: (node, isid) =>
      starting('other', `logInAgain ${node} ${isid.toString(16)}`, () => runtime.logInAgain(node, isid)),
    losePath: (node, portalIndex) =>
      stopping('losePath', `${node} ${portalIndex + 1}`, () => runtime.losePath(node, portalIndex)),
    restorePath: (node, portalIndex) =>
      starting('other', `restorePath ${node} ${portalIndex + 1}`, () =>
        runtime.restorePath(node, portalIndex),
      ),
    powerCycleArray: () => stopping('other', 'powerCycleArray', () => runtime.powerCycleArray()),
    holdInHost: (node, lun, count) => runtime.holdInHost(node, lun, count),
    holdInArray: async (node, lun, count) => {
      const hold = await runtime.holdInArray(node, lun, count);
      return {
        held: hold.held,
        heldAny: () => hold.heldAny(),
        release: () => starting('release', `${node} LUN ${lun}`, () => hold.release()),
      };
    },
    close: () => runtime.close(),
  };
}

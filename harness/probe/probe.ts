import type { LogicalUnitPath } from '../../protocol/index.js';
import { messageOf } from '../message-of.js';
import { ProbedDevice } from './probed-device.js';
import type { ProbeDevice } from './probed-device.js';
import { hex, ProbeError, verdictOf, verdictOfKeys } from './verdict.js';
import type { ProbeKeys, ProbeVerdict } from './verdict.js';

export interface ProbeOptions {
  readonly a: ProbeDevice;
  readonly b: ProbeDevice;
  /** Two keys, different and not 0, that nobody else uses. */
  readonly keys: ProbeKeys;
  /** Ends the probe before its next step; what was registered is taken back all the same. */
  readonly stop: AbortSignal;
}

export interface ProbeAnswer {
  /** The name of the unit that both lead to. */
  readonly logicalUnit: string;
  readonly verdict: ProbeVerdict;
}

/**
 * Asks an array whether it can tell two devices apart, on a LU without registrations: each registers a key of its own, the
 * registrations are read, and both are taken back. Rejects with ProbeError where it cannot be asked; the LU is left as it
 * was found, or the message says what is left on it.
 */
export async function probe({ a, b, keys, stop }: ProbeOptions): Promise<ProbeAnswer> {
  const one = new ProbedDevice('A', a);
  const logicalUnit = sharedName(await found(one), await found(new ProbedDevice('B', b)));
  const other = new ProbedDevice('B', isOneSession(a, b) ? { name: b.name, open: () => lent(one.path) } : b);
  try {
    await one.open();
    await other.open();
    return { logicalUnit, verdict: await askAndTakeBack(one, other, keys, stop) };
  } finally {
    await other.close();
    await one.close();
  }
}

const isOneSession = (a: ProbeDevice, b: ProbeDevice): boolean =>
  a.session !== undefined && a.session === b.session;

/** A path whose owner closes it. */
const lent = (path: LogicalUnitPath): Promise<LogicalUnitPath> =>
  Promise.resolve({
    name: path.name,
    execute: (cdb, options) => path.execute(cdb, options),
    close: () => Promise.resolve(),
  });

interface Found {
  readonly device: ProbedDevice;
  readonly unitNames: readonly string[];
}

/** Looks at the unit before anything is registered: one device after the other, which may be one session. */
async function found(device: ProbedDevice): Promise<Found> {
  await device.open();
  try {
    const names = await device.unitNames();
    const keys = await device.readKeys();
    if (keys.length > 0) {
      throw new ProbeError(
        `${device.label}, ${device.name}: somebody is registered (${keys.map(hex).join(', ')}): ` +
          'expected a LU that nobody uses',
      );
    }
    return { device, unitNames: names };
  } finally {
    await device.close();
  }
}

function sharedName(a: Found, b: Found): string {
  const shared = a.unitNames.find((name) => b.unitNames.includes(name));
  if (shared !== undefined) return shared;
  const told = [a, b].map(
    ({ device: { label, name }, unitNames }) => `${label}, ${name}, to ${unitNames[0] ?? ''}`,
  );
  throw new ProbeError(`they lead to different units: ${told.join('; ')}`);
}

async function askAndTakeBack(
  a: ProbedDevice,
  b: ProbedDevice,
  keys: ProbeKeys,
  stop: AbortSignal,
): Promise<ProbeVerdict> {
  const registrations = new Registrations();
  let verdict: ProbeVerdict;
  try {
    verdict = await ask(a, b, keys, registrations, stop);
  } catch (error) {
    await registrations.takeBack(error);
    throw error;
  }
  await registrations.takeBack();
  return verdict;
}

async function ask(
  a: ProbedDevice,
  b: ProbedDevice,
  keys: ProbeKeys,
  registrations: Registrations,
  stop: AbortSignal,
): Promise<ProbeVerdict> {
  unlessStopped(stop);
  // Plain REGISTER: should A's nexus have got a key meanwhile, this one is refused and that one stays.
  registrations.add(a, keys.a);
  if (!(await a.register(0n, keys.a))) {
    throw new ProbeError(`A, ${a.name}: REGISTER of ${hex(keys.a)}: RESERVATION CONFLICT`);
  }
  unlessStopped(stop);
  const before = await b.readKeys();
  if (before.some((key) => key !== keys.a)) {
    throw new ProbeError(
      `somebody else registered meanwhile: ${before
        .filter((key) => key !== keys.a)
        .map(hex)
        .join(', ')}`,
    );
  }
  // Ignoring the key that is there: if B is A's nexus, that is A's key, and it is seen to go.
  registrations.add(b, keys.b);
  await b.registerAndIgnoreExistingKey(keys.b);
  unlessStopped(stop);
  const descriptors = await b.readFullStatus();
  if (descriptors !== undefined) return verdictOf(descriptors, keys);
  return verdictOfKeys(await b.readKeys(), keys, await a.register(keys.a, keys.a));
}

function unlessStopped(stop: AbortSignal): void {
  if (stop.aborted) throw new ProbeError(`interrupted by ${String(stop.reason)}`);
}

/** What was registered, or may have been: noted before it is sent. */
class Registrations {
  readonly #made: { readonly device: ProbedDevice; readonly key: bigint }[] = [];

  add(device: ProbedDevice, key: bigint): void {
    this.#made.push({ device, key });
  }

  /** Unregisters by the keys of this probe, which nobody else has. Throws ProbeError if one may be left. */
  async takeBack(after?: unknown): Promise<void> {
    const problems: string[] = [];
    const left = new Set<bigint>();
    for (const { device, key } of [...this.#made].reverse()) {
      try {
        if (await isLeft(device, key)) left.add(key);
      } catch (error) {
        left.add(key);
        problems.push(messageOf(error));
      }
    }
    if (left.size === 0) return;
    const keys = [...left].map(hex).join(' and ');
    const why = [...(after === undefined ? [] : [messageOf(after)]), ...problems].join('; ');
    throw new ProbeError(`the key ${keys} may be left on the LU${why === '' ? '' : `: ${why}`}`);
  }
}

/** Unregisters a key, and looks whether it is gone. A path that is lost is opened anew, once. */
async function isLeft(device: ProbedDevice, key: bigint): Promise<boolean> {
  const unregister = async (): Promise<boolean> => {
    // Refused: the key is not there any more, since the other one took its place.
    await device.register(key, 0n);
    return (await device.readKeys()).includes(key);
  };
  try {
    return await unregister();
  } catch {
    await device.open();
    return unregister();
  }
}

import { describeResult, LogicalUnit } from '../../../initiator/index.js';
import {
  basicParameterList,
  decodeReadKeys,
  decodeReadReservation,
  PR_IN_SERVICE_ACTION,
  PR_OUT_SERVICE_ACTION,
  RESERVATION_TYPE_CODE,
  SCSI_STATUS,
  type LogicalUnitPath,
  type PrOutServiceAction,
  type ScsiResult,
} from '../../../protocol/index.js';
import { pastAttentions } from '../application.js';

/** Who is registered with a LUN, and whether it is reserved. */
export interface Reservations {
  readonly keys: readonly bigint[];
  readonly reserved: boolean;
}

/** The key of the harness itself, `fencelab` in ASCII; nodes never have it. */
const HOUSEKEEPING_KEY = 0x66_65_6e_63_65_6c_61_62n;
/** A key that nobody registers. */
const NOBODYS_KEY = HOUSEKEEPING_KEY + 1n;
/** The keys by which ways are told apart, from this one on. */
const FIRST_KEY_OF_WAYS = HOUSEKEEPING_KEY + 2n;

/** What READ KEYS and READ RESERVATION tell; of an array that refuses them: nobody, and no reservation. */
export async function readReservations(path: LogicalUnitPath): Promise<Reservations> {
  const unit = new LogicalUnit(path);
  const read = (serviceAction: number) => pastAttentions(() => unit.persistentReserveIn(serviceAction));
  const keys = await read(PR_IN_SERVICE_ACTION.readKeys);
  // Somebody's RESERVE(6) or (10) is in the way.
  if (keys.status === SCSI_STATUS.reservationConflict) return { keys: [], reserved: true };
  const reservation = await read(PR_IN_SERVICE_ACTION.readReservation);
  return {
    keys: keys.value === undefined ? [] : (decodeReadKeys(keys.value)?.keys ?? []),
    reserved:
      reservation.value !== undefined &&
      (decodeReadReservation(reservation.value)?.reservation ?? null) !== null,
  };
}

/** Registers, and CLEARs every registration and the reservation. Throws with the answer where either is refused. */
export async function clear(path: LogicalUnitPath): Promise<void> {
  await register(path);
  mustBeGood('CLEAR', await reserveOut(path, 'clear', HOUSEKEEPING_KEY, 0n));
}

/**
 * What an array that holds no registration lacks of what packages ask it for. Leaves no registration behind. PREEMPT AND
 * ABORT is asked to remove a key that nobody has: one that knows the command answers RESERVATION CONFLICT (SPC-4 table 72).
 */
export async function findWhatIsLacking(path: LogicalUnitPath): Promise<readonly string[]> {
  const unit = new LogicalUnit(path);
  const keys = await pastAttentions(() => unit.persistentReserveIn(PR_IN_SERVICE_ACTION.readKeys));
  if (!keys.good) return [sentence('PERSISTENT RESERVE IN', keys)];
  const lacks: string[] = [];
  const capabilities = await pastAttentions(() =>
    unit.persistentReserveIn(PR_IN_SERVICE_ACTION.reportCapabilities),
  );
  if (!capabilities.good) lacks.push(sentence('REPORT CAPABILITIES', capabilities));
  await register(path);
  const preempting = await reserveOut(path, 'preemptAndAbort', HOUSEKEEPING_KEY, NOBODYS_KEY);
  if (preempting.status === SCSI_STATUS.checkCondition) lacks.push(sentence('PREEMPT AND ABORT', preempting));
  await clear(path);
  return lacks;
}

/** Whether it answers READ KEYS. */
export async function knowsReservations(path: LogicalUnitPath): Promise<boolean> {
  const unit = new LogicalUnit(path);
  return (await pastAttentions(() => unit.persistentReserveIn(PR_IN_SERVICE_ACTION.readKeys))).good;
}

/**
 * Registers the key of a way, whatever its nexus had before, and yields the ways whose keys are there then, by their
 * places. On a LUN that was free a key that has gone was of the same nexus: the new one took its place.
 */
export async function registerWay(path: LogicalUnitPath, place: number): Promise<readonly number[]> {
  await register(path, FIRST_KEY_OF_WAYS + BigInt(place));
  const { keys } = await readReservations(path);
  return keys.map((key) => Number(key - FIRST_KEY_OF_WAYS));
}

async function register(path: LogicalUnitPath, key = HOUSEKEEPING_KEY): Promise<void> {
  const result = await reserveOut(path, 'registerAndIgnoreExistingKey', 0n, key);
  mustBeGood('REGISTER AND IGNORE EXISTING KEY', result);
}

function reserveOut(
  path: LogicalUnitPath,
  action: PrOutServiceAction,
  reservationKey: bigint,
  serviceActionReservationKey: bigint,
): Promise<ScsiResult> {
  const list = basicParameterList({ reservationKey, serviceActionReservationKey });
  const type = RESERVATION_TYPE_CODE.writeExclusiveRegistrantsOnly;
  const serviceAction = PR_OUT_SERVICE_ACTION[action];
  return pastAttentions(() =>
    new LogicalUnit(path).persistentReserveOut(
      { serviceAction, ...(action === 'preemptAndAbort' && { type }) },
      list,
    ),
  );
}

function mustBeGood(command: string, result: ScsiResult): void {
  if (result.status !== SCSI_STATUS.good) throw new Error(sentence(command, result));
}

const sentence = (command: string, result: ScsiResult): string =>
  `${command}: the target answered ${describeResult(result)}`;

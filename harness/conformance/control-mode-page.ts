import {
  controlModePageLayout,
  decodeModeParameters,
  MODE_PAGE,
  modeHeader6Layout,
  modeSelect6Cdb,
  modeSense6Cdb,
  OPERATION_CODE,
  PAGE_CONTROL,
} from '../../protocol/index.js';
import type { Bench } from './bench.js';
import { CaseFailure } from './exchange.js';
import { GOOD } from './expectation.js';
import { commandCode } from './facts.js';

/** Bits of the Control mode page that change what happens to reservations and aborted commands (SPC-4 7.5.8). */
export interface ControlBits {
  readonly taskAbortedStatus?: 0 | 1;
  readonly noUnitAttentionOnRelease?: 0 | 1;
}

/**
 * Runs `work` with bits of the Control mode page set so, and sets them back. False, and nothing was run: the target does
 * not let them be changed. What attention the change itself makes is taken from everybody.
 */
export async function withControlBits(
  bench: Bench,
  bits: ControlBits,
  work: () => Promise<void>,
): Promise<boolean> {
  const before = await controlPage(bench, PAGE_CONTROL.current);
  const wanted = controlModePageLayout.toBytes({ ...controlModePageLayout.decode(before), ...bits });
  const differs = wanted.map((byte, index) => byte ^ (before[index] ?? 0));
  if (differs.every((byte) => byte === 0)) {
    await work();
    return true;
  }
  const { commands } = bench.facts;
  if (commands?.has(commandCode(OPERATION_CODE.modeSelect6)) === false) return false;
  const changeable = await controlPage(bench, PAGE_CONTROL.changeable);
  if (differs.some((byte, index) => (byte & ~(changeable[index] ?? 0)) !== 0)) return false;
  await select(bench, wanted);
  try {
    await work();
  } finally {
    await select(bench, before);
  }
  return true;
}

async function controlPage({ a }: Bench, pageControl: number): Promise<Uint8Array> {
  const pageCode = MODE_PAGE.control;
  const bytes = await a.read({
    name: 'MODE SENSE(6), Control mode page',
    cdb: modeSense6Cdb({ disableBlockDescriptors: 1, pageControl, pageCode, allocationLength: 255 }),
    dataInLength: 255,
  });
  const page = decodeModeParameters(bytes, 6)?.pages.get(pageCode);
  if (page?.length === controlModePageLayout.lengthBytes) return page;
  throw new CaseFailure({
    message: 'MODE SENSE(6): expected the Control mode page',
    data: { expected: undefined, received: bytes },
  });
}

async function select(bench: Bench, page: Uint8Array): Promise<void> {
  const dataOut = Buffer.concat([modeHeader6Layout.toBytes({}), page]);
  // PS is reserved in MODE SELECT (SPC-4 7.5.7).
  dataOut[modeHeader6Layout.lengthBytes] = (page[0] ?? 0) & 0x3f;
  await bench.a.expect(GOOD, {
    name: 'MODE SELECT(6), Control mode page',
    cdb: modeSelect6Cdb({ pageFormat: 1, parameterListLength: dataOut.length }),
    dataOut,
    changesData: true,
  });
  await bench.settle();
}

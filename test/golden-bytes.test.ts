import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PR_IN_SERVICE_ACTION, PR_OUT_SERVICE_ACTION } from '../protocol/index.js';
import { BASIC_LIST_FILES, readGoldenBytes, type GoldenEntry } from './golden-bytes.js';
import { readGolden } from './initiator/sg_persist/golden.js';

const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');

const IN_FILES = ['read-keys', 'read-reservation', 'report-capabilities', 'read-full-status'] as const;
const OUT_FILES = [...BASIC_LIST_FILES, 'register-and-move'] as const;
const OTHER_FILES = ['sense', 'transport-ids', 'report-supported-operation-codes'] as const;

/** What an entry has on the wire, as the recordings write it; of a command that brings data, and of one that takes it. */
interface OnWire extends GoldenEntry {
  readonly cdb?: string;
  readonly dout?: string;
  readonly din?: string;
  readonly sense?: string;
}

const onWire: readonly OnWire[] = [
  ...IN_FILES.flatMap((file) =>
    readGoldenBytes(file).map((entry) => ({
      ...entry,
      cdb: hex(entry.cdb.bytes),
      din: hex(entry.dataIn.bytes),
    })),
  ),
  ...OUT_FILES.flatMap((file) =>
    readGoldenBytes(file).map((entry) => ({
      ...entry,
      cdb: hex(entry.cdb.bytes),
      dout: hex(entry.dataOut.bytes),
    })),
  ),
  ...readGoldenBytes('sense').map(({ name, recorded, fixed, descriptor }) => ({
    name,
    ...(recorded && { recorded }),
    sense: hex(fixed ?? descriptor),
  })),
];

const recordings = new Map(
  ['sg_persist.jsonl', 'sg_persist-answers.jsonl'].map((file) => [file, readGolden(file)]),
);

describe('golden bytes', () => {
  it('have a file for every form, and no file beside them', () => {
    const files = readdirSync(new URL('../fixtures/golden/bytes', import.meta.url));
    const expected = [...IN_FILES, ...OUT_FILES, ...OTHER_FILES].map((name) => `${name}.yaml`);
    expect(files.sort()).toEqual(expected.sort());
  });

  it('cover every service action, each file its own', () => {
    const actions = (files: readonly (typeof IN_FILES | typeof OUT_FILES)[number][]): unknown[][] =>
      files.map((file) => [...new Set(readGoldenBytes(file).map((entry) => entry.cdb.fields.serviceAction))]);
    expect(actions(IN_FILES).flat().sort()).toEqual(Object.keys(PR_IN_SERVICE_ACTION).sort());
    expect(actions(OUT_FILES).flat().sort()).toEqual(Object.keys(PR_OUT_SERVICE_ACTION).sort());
  });

  it.each(onWire.filter((entry) => entry.recorded !== undefined))(
    'were recorded where it is said: $recorded.file $recorded.n, $name',
    ({ recorded, cdb, dout, din, sense }) => {
      const records = recordings.get(recorded?.file ?? '') ?? [];
      const { wire = [] } = records.find(({ n }) => n === recorded?.n) ?? {};
      const asThere = wire.filter(
        (one) =>
          (cdb === undefined || one.cdb === cdb) &&
          (dout === undefined || one.dout === dout) &&
          (din === undefined || (one.din ?? '') + '00'.repeat(one.din_zeros ?? 0) === din) &&
          (sense === undefined || one.sense === sense),
      );
      expect(asThere.length).toBeGreaterThan(0);
    },
  );
});

import type { Check } from './checks.js';
import type { Evidence, Takeover } from './evidence.js';
import type { Finding } from './types.js';

/** What keeps the other checks from saying anything. */
export const noEvidence: Check = (evidence) => {
  const { judged, fates } = evidence;
  if (!fates.some(({ outcome }) => outcome === 'acknowledged')) {
    return [findingOf(evidence, undefined, 'no write was acknowledged')];
  }
  return judged.luns.flatMap((lun) => {
    if (!fates.some(({ write }) => write.lun === lun)) return [];
    const gap = gapOfFinalRead(evidence, lun);
    if (gap !== undefined) return [findingOf(evidence, lun, gap)];
    const gaps = [
      ...gapsOfIncarnations(evidence, lun),
      ...evidence.takeovers.filter((takeover) => takeover.lun === lun).flatMap(gapsOfTakeover(evidence)),
    ];
    return gaps.map((text) => findingOf(evidence, lun, text));
  });
};

function findingOf({ judged }: Evidence, lun: number | undefined, text: string): Finding {
  const where = lun === undefined ? `package ${judged.name}` : `LUN ${lun}`;
  return { kind: 'noEvidence', packageName: judged.name, lun, text: `${where}: ${text}` };
}

function gapOfFinalRead({ fates, reads }: Evidence, lun: number): string | undefined {
  const final = reads.find((read) => read.lun === lun && read.by === null);
  if (final === undefined) return 'it was not read at the end';
  const unread = fates.find(({ write }) => write.lun === lun && !final.blocks.has(write.lba));
  return unread && `LBA ${unread.write.lba} was not read at the end`;
}

/** Whoever wrote after another must have fenced and read what was there. */
function gapsOfIncarnations({ judged, fates, takeovers }: Evidence, lun: number): readonly string[] {
  const written = fates.filter(({ write }) => write.lun === lun).map(({ write }) => write.incarnation);
  const tookOver = takeovers.filter((takeover) => takeover.lun === lun);
  return [...new Set(written)]
    .sort((a, b) => a - b)
    .filter((by, i) => (judged.exclusive ? i > 0 : tookOver.some((takeover) => takeover.by === by)))
    .filter((by) => !tookOver.some((takeover) => takeover.by === by && takeover.recovery !== undefined))
    .map((by) => `incarnation ${by} wrote without having fenced and read the blocks`);
}

/** A takeover must have fenced everyone who could still write, and have read everything that they may have written. */
const gapsOfTakeover =
  (evidence: Evidence) =>
  (takeover: Takeover): readonly string[] => {
    const { lun, by, fenced, index, recovery } = takeover;
    const { judged, haltedIndex } = evidence;
    const fates = evidence.fates.filter(({ write }) => write.lun === lun);
    const gaps: string[] = [];
    const earlier = [...new Set(fates.map(({ write }) => write.incarnation))].filter(
      (one) => fenced.includes(one) || (judged.exclusive && one < by),
    );
    for (const one of earlier) {
      if (fenced.includes(one) || (haltedIndex.get(one) ?? Infinity) < index) continue;
      gaps.push(`incarnation ${by} took over from incarnation ${one}, which was neither halted nor fenced`);
    }
    if (recovery === undefined) {
      const open = fates.find(
        ({ write, outcome, endedIndex }) =>
          fenced.includes(write.incarnation) && outcome !== 'refused' && endedIndex > index,
      );
      if (open !== undefined) {
        gaps.push(
          `incarnation ${by} fenced incarnation ${open.write.incarnation} amid a write and read nothing`,
        );
      }
      return gaps;
    }
    const unread = fates.find(
      ({ write, issuedIndex }) =>
        earlier.includes(write.incarnation) &&
        issuedIndex < recovery.index &&
        !recovery.blocks.has(write.lba),
    );
    if (unread !== undefined) {
      const { lba, incarnation } = unread.write;
      gaps.push(`incarnation ${by} recovered without reading LBA ${lba} of incarnation ${incarnation}`);
    }
    return gaps;
  };

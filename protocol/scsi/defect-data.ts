import { bits, layout, reserved, u16be, u32be } from '../layout.js';

const flags = {
  reserved7: 3,
  primaryListValid: 1,
  grownListValid: 1,
  defectListFormat: 3,
} as const;

/** What READ DEFECT DATA(10) answers before its address descriptors (SBC-4). */
export const defectData10HeaderLayout = layout(
  'READ DEFECT DATA(10) parameter data',
  reserved(1),
  bits(flags),
  u16be('defectListLength'),
);

/** What READ DEFECT DATA(12) answers before its address descriptors. */
export const defectData12HeaderLayout = layout(
  'READ DEFECT DATA(12) parameter data',
  reserved(1),
  bits(flags),
  u16be('generationCode'),
  u32be('defectListLength'),
);

/** Commands by operation code (SPC-5, annex "Operation codes", those of disks), as sg_inq 1.46 names them. */
const TABLE = `
00 Test Unit Ready
01 Rezero Unit
03 Request Sense
04 Format Unit
05 Read Block Limits
07 Reassign Blocks
08 Read(6)
0a Write(6)
0b Seek(6)
0f Read reverse(6)
10 Write filemarks(6)
11 Space(6)
12 Inquiry
13 Verify(6)
14 Recover buffered data
15 Mode select(6)
16 Reserve(6)
17 Release(6)
18 Copy
19 Erase(6)
1a Mode sense(6)
1b Start stop unit
1c Receive diagnostic results
1d Send diagnostic
1e Prevent allow medium removal
23 Read Format capacities
24 Set window
25 Read capacity(10)
28 Read(10)
29 Read generation
2a Write(10)
2b Seek(10)
2c Erase(10)
2d Read updated block
2e Write and verify(10)
2f Verify(10)
30 Search data high(10)
31 Search data equal(10)
32 Search data low(10)
33 Set limits(10)
34 Pre-fetch(10)
35 Synchronize cache(10)
36 Lock unlock cache(10)
37 Read defect data(10)
38 Format with preset scan
39 Compare
3a Copy and verify
3b Write buffer
3c Read buffer(10)
3d Update block
3e Read long(10)
3f Write long(10)
40 Change definition
41 Write same(10)
42 Unmap
43 Read TOC/PMA/ATIP
44 Report density support
45 Play audio(10)
46 Get configuration
47 Play audio msf
48 Sanitize
4a Get event status notification
4b Pause/resume
4c Log select
4d Log sense
4e Stop play/scan
50 Xdwrite(10)
51 Xpwrite(10)
52 Xdread(10)
53 Xdwriteread(10)
54 Send OPC information
55 Mode select(10)
56 Reserve(10)
57 Release(10)
58 Repair track
5a Mode sense(10)
5b Close track/session
5c Read buffer capacity
5d Send cue sheet
5e Persistent reserve in
5f Persistent reserve out
7f Variable length
80 Xdwrite extended(16)
81 Rebuild(16)
82 Regenerate(16)
83 Third party copy out
84 Third party copy in
85 ATA pass-through(16)
86 Access control in
87 Access control out
88 Read(16)
89 Compare and write
8a Write(16)
8b Orwrite(16)
8c Read attribute
8d Write attribute
8e Write and verify(16)
8f Verify(16)
90 Pre-fetch(16)
91 Synchronize cache(16)
92 Lock unlock cache(16)
93 Write same(16)
94 ZBC out
95 ZBC in
9a Write stream(16)
9b Read buffer(16)
9c Write atomic(16)
9d Service action bidirectional
9e Service action in(16)
9f Service action out(16)
a0 Report luns
a1 ATA pass-through(12)
a2 Security protocol in
a3 Maintenance in
a4 Maintenance out
a5 Move medium
a6 Exchange medium
a7 Move medium attached
a8 Read(12)
a9 Service action out(12)
aa Write(12)
ab Service action in(12)
ac erase(12)
ad Read DVD/BD structure
ae Write and verify(12)
af Verify(12)
b0 Search data high(12)
b1 Search data equal(12)
b2 Search data low(12)
b3 Set limits(12)
b4 Read element status attached
b5 Security protocol out
b6 Send volume tag
b7 Read defect data(12)
b8 Read element status
b9 Read CD msf
ba Redundancy group in
bb Redundancy group out
bc Spare in
bd Spare out
be Volume set in
bf Volume set out
`;

const FIRST = { reserved: 0x60, variableLength: 0x7f, vendorSpecific: 0xc0 } as const;

let names: ReadonlyMap<number, string> | undefined;

/** What the command of an operation code is called. */
export function opcodeName(code: number): string {
  names ??= new Map(
    TABLE.trim()
      .split('\n')
      .map((line) => [Number.parseInt(line.slice(0, 2), 16), line.slice(3)]),
  );
  const hex = `0x${code.toString(16)}`;
  if (code >= FIRST.vendorSpecific) return `Vendor specific [${hex}]`;
  if (code >= FIRST.reserved && code < FIRST.variableLength) return `Reserved [${hex}]`;
  return names.get(code) ?? `Opcode=${hex}`;
}

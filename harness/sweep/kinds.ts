/** A way to fence, and where the write of the failed guest is pending meanwhile. */
export interface FencingKind {
  readonly name: string;
  /** What is done, for people. */
  readonly title: string;
  /** Where the package fails over to: a guest of the same ESX host, or of another one. */
  readonly adoptiveHost: 'esx1' | 'esx2';
  /** In the hypervisor, before the array has seen it; or in the array, behind its reservation check. */
  readonly pendingIn: 'host' | 'array';
  readonly release: 'A.11.18.02' | 'A.11.19';
  readonly fence: 'clear' | 'preempt-and-abort';
}

/** What the sweep compares. */
export const FENCING_KINDS: readonly FencingKind[] = [
  {
    name: 'one-box',
    title: 'both guests on one host, the write is pending in it',
    adoptiveHost: 'esx1',
    pendingIn: 'host',
    release: 'A.11.19',
    fence: 'clear',
  },
  {
    name: 'two-hosts',
    title: 'two hosts, the write is pending in the first',
    adoptiveHost: 'esx2',
    pendingIn: 'host',
    release: 'A.11.19',
    fence: 'clear',
  },
  {
    name: 'a1118',
    title: 'two hosts, A.11.18.02 with its wait of 70 s, the write is pending in the array',
    adoptiveHost: 'esx2',
    pendingIn: 'array',
    release: 'A.11.18.02',
    fence: 'clear',
  },
  {
    name: 'a1119',
    title: 'two hosts, A.11.19 with CLEAR, the write is pending in the array',
    adoptiveHost: 'esx2',
    pendingIn: 'array',
    release: 'A.11.19',
    fence: 'clear',
  },
  {
    name: 'preempt-and-abort',
    title: 'two hosts, PREEMPT AND ABORT, the write is pending in the array',
    adoptiveHost: 'esx2',
    pendingIn: 'array',
    release: 'A.11.19',
    fence: 'preempt-and-abort',
  },
];

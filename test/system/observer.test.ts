import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseScenario } from '../../harness/index.js';
import { BuiltInArray } from '../../harness/runtime/processes/built-in-array.js';
import { ProcessesRuntime } from '../../harness/runtime/processes/processes-runtime.js';

const { site } = parseScenario(
  `scenario: one node
paper: a test
expect: SAFE
array: { luns: [{ name: data }] }
clusters: [{ name: c1, release: A.11.19 }]
nodes: [{ name: node1, cluster: c1 }]
packages: [{ name: pkg1, cluster: c1, luns: [data], nodes: [node1] }]
steps: [{ cmrunpkg: { package: pkg1, node: node1 } }]
`,
  'observer.yaml',
);

let runtime: ProcessesRuntime;
beforeEach(async () => {
  runtime = await ProcessesRuntime.start(site, await BuiltInArray.start(site.array, {}), {
    realMsPerSecond: 0,
  });
});
afterEach(() => runtime.close());

describe('what a machine reads that is no node', () => {
  it('is not the unit attention that its nexus is to be told', async () => {
    const register = ['--no-inquiry', '--out', '--register-ignore'];
    expect((await runtime.observe(0, [...register, '--param-sark=ab'])).exitStatus).toBe(0);
    expect((await runtime.sgPersist('node1', [...register, '--param-sark=1', '/dev/sdb'])).exitStatus).toBe(
      0,
    );
    // CLEAR tells everyone else who was registered: RESERVATIONS PREEMPTED (SPC-4 5.13.11.2.7).
    const cleared = await runtime.sgPersist('node1', [
      '--no-inquiry',
      '--out',
      '--clear',
      '--param-rk=1',
      '/dev/sdb',
    ]);
    expect(cleared.exitStatus).toBe(0);
    const { exitStatus, stdout } = await runtime.observe(0, ['--no-inquiry', '--in', '--read-keys']);
    expect(exitStatus).toBe(0);
    expect(stdout).toContain('there are NO registered reservation keys');
  });
});

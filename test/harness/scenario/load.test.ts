import { describe, expect, it } from 'vitest';
import { loadScenario, parseScenario, ScenarioError } from '../../../harness/index.js';
import { STEP_NAMES } from '../../../harness/scenario/steps/index.js';
import { PROFILES } from '../../../target/index.js';

const GOOD = `scenario: a title
paper: somewhere
expect: SAFE
array:
  luns:
    - name: data
hosts:
  - name: esx1
clusters:
  - name: c1
    release: A.11.18.02
nodes:
  - name: node1
    cluster: c1
  - name: guest1
    cluster: c1
    host: esx1
packages:
  - name: pkg1
    cluster: c1
    sglx_vm: on
    luns: [data]
    nodes: [node1, guest1]
steps:
  - cmrunpkg: { package: pkg1, node: node1 }
`;

const messageOf = (from: string, to: string): string => {
  expect(GOOD).toContain(from);
  try {
    parseScenario(GOOD.replace(from, to), 's.yaml');
  } catch (error) {
    expect(error).toBeInstanceOf(ScenarioError);
    return (error as Error).message;
  }
  throw new Error('no mistake was found');
};

describe('a scenario file', () => {
  it('is read into a site, steps and defaults', () => {
    const scenario = parseScenario(GOOD, 's.yaml');
    expect(scenario.site.clusters[0]).toEqual({
      name: 'c1',
      release: 'A.11.18.02',
      fence: 'clear',
      reformationWaitMs: null,
      membership: { heartbeat: null, lockLun: null, quorum: 'majority' },
    });
    expect(scenario.stepsUnder(1)).toEqual([
      {
        name: 'cmrunpkg',
        value: { package: 'pkg1', node: 'node1' },
        line: 25,
        text: 'cmrunpkg package=pkg1 node=node1',
      },
    ]);
  });

  it.each([
    [
      'a word that is none of those',
      'expect: SAFE',
      'expect: FINE',
      's.yaml:3:9: expect: found "FINE", expected one of SAFE, UNSAFE',
    ],
    [
      'an unknown name',
      'sglx_vm: on',
      'sglxvm: on',
      "s.yaml:21:5: packages[0]: unknown 'sglxvm', expected one of name, cluster, type, disk, monitor, sglx_vm, pkg_pr_mode, luns, nodes, controlScript, weight, failback",
    ],
    [
      'an ISID that is none',
      '  - cmrunpkg: { package: pkg1, node: node1 }',
      "  - relogin: { node: node1, isid: '0x2' }",
      's.yaml:25:35: steps[0].relogin.isid: found "0x2", expected an ISID such as 0x800000000002, in quotes',
    ],
    ['what is missing', 'paper: somewhere\n', '', 's.yaml:1:1: paper missing, expected a scenario'],
    [
      'a node that is not there',
      'nodes: [node1, guest1]',
      'nodes: [node1, guest2]',
      "s.yaml:23:20: there is no node of cluster c1 'guest2', expected one of node1, guest1",
    ],
    [
      'a host that is not there',
      'host: esx1\n',
      'host: esx9\n',
      "s.yaml:17:11: there is no host 'esx9', expected one of esx1",
    ],
    [
      'an unknown step',
      '- cmrunpkg',
      '- cmrunpgk',
      `s.yaml:25:5: there is no step 'cmrunpgk', expected one of ${STEP_NAMES.join(', ')}`,
    ],
    [
      'a step that names what is not there',
      'package: pkg1, node: node1',
      'package: pkg1, node: node7',
      "s.yaml:25:38: there is no node 'node7', expected one of node1, guest1",
    ],
    [
      'a parameter that the release does not have',
      'sglx_vm: on',
      'pkg_pr_mode: pr_enabled',
      's.yaml:21:5: Serviceguard A.11.18.02 has no pkg_pr_mode, expected sglx_vm',
    ],
    [
      'a quirk that no array has',
      '    - name: data\n',
      '    - name: data\n  quirks: [gotgt-never-enforces, gotgt-never-listens]\n',
      "s.yaml:7:34: no quirk is called 'gotgt-never-listens': 'fencelab target --list-quirks' lists them",
    ],
    [
      'a profile that there is not',
      '    - name: data\n',
      '    - name: data\n  profile: acme\n',
      `s.yaml:7:12: no profile is called 'acme': expected one of ${PROFILES.map(({ name }) => name).join(', ')}`,
    ],
    [
      'two documents in one file',
      'paper: somewhere\n',
      'paper: somewhere\n---\n',
      's.yaml:3:1: a second document begins here, expected one',
    ],
    [
      'what is no YAML',
      'paper: somewhere',
      'paper: [somewhere',
      's.yaml:3:1: Flow sequence in block collection must be sufficiently indented and end with a ]; expected YAML',
    ],
  ])('tells %s with file, line and what was expected', (_, from, to, message) => {
    expect(messageOf(from, to)).toBe(message);
  });

  it('that is missing is told', async () => {
    await expect(loadScenario('nowhere.yaml')).rejects.toThrow(
      'nowhere.yaml: there is no such scenario file',
    );
  });
});

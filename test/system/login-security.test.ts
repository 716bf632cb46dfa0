import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { loadScenario, runScenario } from '../../harness/index.js';
import type { Target } from '../../target/index.js';
import { scenarioFiles } from '../harness/scenario/fixtures.js';
import { Fencelab, fencelab } from './cli.js';
import { ownTemporaryFolder, TIMEOUT_MS } from './scenarios-over-sockets.js';

const folder = ownTemporaryFolder();
const running: Fencelab[] = [];
const NODE_SECRET = 'the secret of the node';
const ARRAY_SECRET = 'the secret of the array';
const SECRETS = [NODE_SECRET, ARRAY_SECRET, 'another-guess-of-it'];

afterEach(() => {
  for (const { process: child } of running.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  }
});

function start(environment: NodeJS.ProcessEnv, ...argv: string[]): Fencelab {
  const started = new Fencelab(argv, {
    HOME: folder,
    XDG_RUNTIME_DIR: folder,
    TMPDIR: folder,
    ...environment,
  });
  running.push(started);
  return started;
}

/** What the target has said on standard error when it said where its admin API is. */
async function adminOf(target: Fencelab): Promise<string> {
  const [text] = (await once(target.process.stderr, 'data')) as [string];
  return /(http:\S+)/.exec(text)?.[1] ?? '';
}

const everybody = (pid: number | undefined): string => readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8');

describe('secrets of fencelab target', () => {
  it('are in no line that it prints, no command line and no answer of its admin API', async () => {
    const file = join(folder, 'node.secret');
    writeFileSync(file, `${NODE_SECRET}\n`, { mode: 0o600 });
    const target = start(
      { FENCELAB_CHAP_TARGET_SECRET: ARRAY_SECRET },
      ...['target', '--lun', '0,size=1MiB', '--portal', '127.0.0.1:0', '--admin', '127.0.0.1:0'],
      ...['--chap-user', 'node', '--chap-secret-file', file, '--chap-target-user', 'array'],
    );
    const told = adminOf(target);
    const url = await target.ready();
    const admin = await told;
    const events = await fetch(`${admin}/api/events`);
    const node = {
      FENCELAB_CHAP_USER: 'node',
      FENCELAB_CHAP_SECRET: NODE_SECRET,
      FENCELAB_CHAP_TARGET_USER: 'array',
      FENCELAB_CHAP_TARGET_SECRET: ARRAY_SECRET,
    };
    const right = start(node, 'io', url, 'read', '0', '1');
    const wrong = start(
      { ...node, FENCELAB_CHAP_SECRET: 'another-guess-of-it' },
      'io',
      url,
      'read',
      '0',
      '1',
    );
    const ended = [await right.ended, await wrong.ended];
    expect(ended.map(({ exitStatus }) => exitStatus)).toEqual([0, 2]);
    expect(ended[1]?.stderr).toContain('authentication failure (02/01)');
    const seen = [everybody(target.process.pid), JSON.stringify(ended)];
    for (const path of ['targets', 'luns', 'sessions', 'luns/0/reservations']) {
      seen.push(await (await fetch(`${admin}/api/${path}`)).text());
    }
    const reader = events.body?.getReader();
    let stream = '';
    while (!stream.includes('loginRefused')) {
      stream += Buffer.from((await reader?.read())?.value ?? []).toString();
    }
    await reader?.cancel();
    seen.push(
      stream,
      JSON.stringify(await target.stop('SIGTERM')),
      (await fencelab('target', '--help')).stdout,
    );
    for (const text of seen) for (const secret of SECRETS) expect(text).not.toContain(secret);
  });
});

describe('a portal that other machines reach', () => {
  it('is refused without CHAP, with the reason and exit status 2', async () => {
    expect(await fencelab('target', '--lun', '0,size=1MiB', '--portal', '0.0.0.0:0')).toEqual({
      exitStatus: 2,
      stdout: '',
      stderr:
        'fencelab: portal 0.0.0.0:0: other machines could read and write every LUN without authentication; ' +
        'expected CHAP for every initiator, a loopback address, or --insecure\n',
    });
  });
});

describe('a scenario over sockets with CHAP both ways and digests', () => {
  it('is SAFE still, and nobody logs in by less', { timeout: TIMEOUT_MS }, async () => {
    const file = scenarioFiles.find((one) => one.endsWith('/path-lost.yaml')) ?? '';
    const scenario = await loadScenario(file);
    const logins: object[] = [];
    const refused: string[] = [];
    const commandLines: string[] = [];
    const watch = (target: Target): void => {
      target.onEvent((event) => {
        if (event.type === 'loginRefused') refused.push(event.reason);
        if (event.type !== 'login') return;
        const { authMethod, headerDigest, dataDigest } = target.sessions().at(-1) ?? {};
        logins.push({ authMethod, headerDigest, dataDigest });
      });
    };
    const result = await runScenario(scenario, {
      runtime: 'processes',
      login: { chap: true, digests: true },
      onTarget: watch,
      onStarted: (pid) => commandLines.push(everybody(pid)),
    });
    expect(result.verdict.verdict).toBe('SAFE');
    expect(refused).toEqual([]);
    expect(logins.length).toBeGreaterThan(1);
    expect(new Set(logins.map((login) => JSON.stringify(login)))).toEqual(
      new Set([JSON.stringify({ authMethod: 'CHAP', headerDigest: 'CRC32C', dataDigest: 'CRC32C' })]),
    );
    expect(commandLines.join('\n')).not.toMatch(/[0-9a-f]{32}/);
  });
});

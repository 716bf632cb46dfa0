import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHAP_ALGORITHM, CHAP_ALGORITHMS } from '../../protocol/index.js';
import { createTarget } from '../../target/index.js';
import type { TargetOptions } from '../../target/index.js';
import { discover, OPEN_ISCSI_PEERS, openIscsiHindrance, startNameServer } from './open-iscsi.js';
import { describeWithPeers } from './peer.js';
import type { PeerRun } from './peer.js';

const IQN = 'iqn.2026-11.org.fencelab:discovered';
const account = { user: 'node', password: 'secret-of-the-node' };
const mutual = { user: 'array', password: 'secret-of-the-array' };
/** Which hashes iscsiadm offers, a discovery session's as well; its default is MD5 alone. */
const HASHES_KEY = 'node.session.auth.chap_algs';
/** What iscsiadm ends with (open-iscsi, include/iscsi_err.h): the target refused it, and it refused the target. */
const REFUSED = 24;
const REFUSES = 19;

const settingsOf = (password: string, ofTarget?: string): Record<string, string> => {
  const key = 'discovery.sendtargets.auth';
  return {
    [HASHES_KEY]: 'SHA3-256,SHA256,SHA1,MD5',
    [`${key}.authmethod`]: 'CHAP',
    [`${key}.username`]: account.user,
    [`${key}.password`]: password,
    ...(ofTarget === undefined
      ? {}
      : { [`${key}.username_in`]: mutual.user, [`${key}.password_in`]: ofTarget }),
  };
};

const hindrance = openIscsiHindrance();

// The login code of the initiator that Linux uses, as far as it runs without the kernel's driver: a discovery session.
describe.skipIf(hindrance !== undefined)(
  `open-iscsi${hindrance === undefined ? '' : ` [${hindrance}]`}`,
  () => {
    describeWithPeers('discovers the target', OPEN_ISCSI_PEERS, (pathOf) => {
      const directory = mkdtempSync(join(tmpdir(), 'fencelab-open-iscsi-'));
      let names: Awaited<ReturnType<typeof startNameServer>> | undefined;
      beforeAll(async () => {
        names = await startNameServer(pathOf, directory);
      });
      afterAll(() => {
        names?.close();
        rmSync(directory, { recursive: true });
      });

      const discoverAt = async (
        options: Partial<TargetOptions>,
        settings: Record<string, string>,
      ): Promise<PeerRun & { readonly ports: readonly number[] }> => {
        const portal = { host: '127.0.0.1', port: 0 };
        const target = await createTarget({
          iqn: IQN,
          portals: [portal, portal],
          logicalUnits: [{ lun: 0, medium: { kind: 'memory', sizeBytes: 1024 * 1024 } }],
          ...options,
        });
        try {
          const ports = target.portals.map(({ port }) => port);
          const run = await discover(pathOf, `127.0.0.1:${String(ports[0])}`, settings);
          return { ...run, ports };
        } finally {
          await target.close();
        }
      };
      const found = (ports: readonly number[]): string =>
        ports.map((port, index) => `127.0.0.1:${String(port)},${String(index + 1)} ${IQN}\n`).join('');

      it('that asks for no proof, with every portal and its group', async () => {
        const { status, stdout, ports } = await discoverAt({}, {});
        expect({ status, stdout }).toEqual({ status: 0, stdout: found(ports) });
      });

      it.each(CHAP_ALGORITHMS)('by CHAP with algorithm %i, one way and both ways', async (algorithm) => {
        const options = { chapAlgorithms: [algorithm], discoveryChap: { ...account, mutual } };
        for (const settings of [
          settingsOf(account.password),
          settingsOf(account.password, mutual.password),
        ]) {
          const { status, stdout, ports } = await discoverAt(options, settings);
          expect({ status, stdout }).toEqual({ status: 0, stdout: found(ports) });
        }
      });

      it.each(CHAP_ALGORITHMS)(
        'and is refused, or refuses, where a secret is wrong with algorithm %i',
        async (algorithm) => {
          const options = { chapAlgorithms: [algorithm], discoveryChap: { ...account, mutual } };
          const wrong = await discoverAt(options, settingsOf('not-the-nodes-secret'));
          expect(wrong).toMatchObject({ status: REFUSED, stdout: '' });
          const wrongOfTarget = await discoverAt(options, settingsOf(account.password, 'not-the-arrays'));
          expect(wrongOfTarget).toMatchObject({ status: REFUSES, stdout: '' });
        },
      );

      it('and is refused where it offers no hash that is allowed', async () => {
        const options = { chapAlgorithms: [CHAP_ALGORITHM.sha256], discoveryChap: account };
        const settings = { ...settingsOf(account.password), [HASHES_KEY]: 'MD5' };
        expect(await discoverAt(options, settings)).toMatchObject({
          status: REFUSED,
          stdout: '',
        });
      });
    });
  },
);

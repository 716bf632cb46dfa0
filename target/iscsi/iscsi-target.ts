import { createServer, isIPv6 } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { equalInConstantTime, itNexusId, formatPortal } from '../../protocol/index.js';
import type { ItNexusId } from '../../protocol/index.js';
import type { AccessControl } from '../access/index.js';
import type { EventSink } from '../events.js';
import type { DeviceServer } from '../logical-unit/task.js';
import type { PortalOptions, SessionView } from '../options.js';
import type { Clock } from './clock.js';
import type { ConnectionTaps } from './connection-tap.js';
import { IscsiConnection } from './connection.js';
import type { LogoutCause, Session } from './connection.js';
import { TARGET_LIMITS } from './limits.js';
import type { LoggedIn } from './login-phase.js';
import type { Timeouts } from './timeouts.js';

/** A portal and the target port behind it; each is a portal group of its own. */
export interface TargetPort {
  readonly host: string;
  /** Where it listens, which the operating system chose if port 0 was asked for. */
  readonly port: number;
  readonly relativeTargetPortId: number;
  /** Portal group tag (RFC 7143 4.4.1). */
  readonly portalGroupTag: number;
}

export interface IscsiTargetOptions {
  readonly iqn: string;
  readonly portals: readonly (PortalOptions & { readonly relativeTargetPortId: number })[];
  readonly access: AccessControl;
  readonly deviceServer: DeviceServer;
  readonly events: EventSink;
  readonly clock: Clock;
  readonly timeouts: Timeouts;
  readonly taps?: ConnectionTaps | undefined;
}

/** The target node: its portals, connections and sessions. */
export class IscsiTarget {
  readonly iqn: string;
  readonly deviceServer: DeviceServer;
  readonly clock: Clock;
  readonly access: AccessControl;
  readonly timeouts: Timeouts;
  readonly taps: ConnectionTaps | undefined;
  readonly #options: IscsiTargetOptions;
  readonly #events: EventSink;
  readonly #servers: Server[] = [];
  readonly #connections = new Set<IscsiConnection>();
  /** By TSIH. */
  readonly #sessions = new Map<number, { readonly connection: IscsiConnection; readonly session: Session }>();
  #ports: TargetPort[] = [];
  #lastTsih = 0;
  #closing = false;
  #whenEmpty: (() => void) | null = null;
  #whenLoggedOut: (() => void) | null = null;

  constructor(options: IscsiTargetOptions) {
    this.iqn = options.iqn;
    this.deviceServer = options.deviceServer;
    this.clock = options.clock;
    this.access = options.access;
    this.timeouts = options.timeouts;
    this.taps = options.taps;
    this.#options = options;
    this.#events = options.events;
  }

  get ports(): readonly TargetPort[] {
    return this.#ports;
  }

  /** Opens every portal; rejects, with none open, if one cannot be. */
  async listen(): Promise<void> {
    try {
      for (const portal of this.#options.portals) this.#ports.push(await this.#open(portal));
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async #open(portal: PortalOptions & { readonly relativeTargetPortId: number }): Promise<TargetPort> {
    const server = createServer({ noDelay: true });
    this.#servers.push(server);
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause: NodeJS.ErrnoException) => {
        const where = formatPortal(portal);
        const why = cause.code === 'EADDRINUSE' ? 'it is in use already' : (cause.code ?? cause.message);
        reject(new Error(`portal ${where}: cannot listen there: ${why}`, { cause }));
      });
      server.listen({ host: portal.host, port: portal.port, ipv6Only: isIPv6(portal.host) }, resolve);
    });
    // What an open listener reports later concerns one connection only, and that one is gone.
    server.removeAllListeners('error').on('error', () => undefined);
    const port: TargetPort = {
      host: portal.host,
      port: (server.address() as AddressInfo).port,
      relativeTargetPortId: portal.relativeTargetPortId,
      portalGroupTag: portal.relativeTargetPortId,
    };
    server.on('connection', (socket) => {
      this.#accept(socket, port);
    });
    return port;
  }

  #accept(socket: Socket, port: TargetPort): void {
    if (this.#closing || !this.#makeRoom()) {
      socket.destroy();
      return;
    }
    this.#connections.add(new IscsiConnection(socket, this, port));
  }

  /**
   * Strangers must not lock out who has a session or logs in: where they take all that is theirs, the oldest gives way, one
   * in its login before a discovery session. False: every connection has a nexus.
   */
  #makeRoom(): boolean {
    const { connectionsMax, connectionsWithoutNexusMax } = TARGET_LIMITS;
    if (this.#connections.size < connectionsWithoutNexusMax) return true;
    const without = [...this.#connections].filter(({ session }) => (session?.attachment ?? null) === null);
    if (without.length < connectionsWithoutNexusMax && this.#connections.size < connectionsMax) return true;
    const oldest = without.find(({ session }) => session === null) ?? without[0];
    oldest?.giveWay();
    return oldest !== undefined;
  }

  /** A session identifier that is free and not 0 (RFC 7143 11.12.6). */
  allocateTsih(): number {
    do this.#lastTsih = (this.#lastTsih % 0xffff) + 1;
    while (this.#sessions.has(this.#lastTsih));
    return this.#lastTsih;
  }

  /** Whether there is a session of this initiator port with the portal group and TSIH. */
  hasSession(tsih: number, initiatorName: string, isid: bigint, port: TargetPort): boolean {
    const found = this.#sessions.get(tsih);
    return (
      found !== undefined && isSame(found.session.login, found.connection.port, initiatorName, isid, port)
    );
  }

  /**
   * A login with TSIH 0 of an initiator port that has a session with this portal group ends that session
   * (RFC 7143 6.3.5). True if there was one.
   */
  reinstate(initiatorName: string, isid: bigint, port: TargetPort): boolean {
    let found = false;
    for (const { connection, session } of [...this.#sessions.values()]) {
      if (!isSame(session.login, connection.port, initiatorName, isid, port)) continue;
      found = true;
      connection.abandon('reinstated');
    }
    return found;
  }

  sessionBegan(connection: IscsiConnection, session: Session): void {
    const { login } = session;
    this.#sessions.set(login.tsih, { connection, session });
    if (!this.#events.active) return;
    const { sessionKind, reinstated } = login;
    this.#events.emit({ type: 'login', nexusId: nexusIdOf(login, connection.port), sessionKind, reinstated });
  }

  sessionEnded(connection: IscsiConnection, session: Session, cause: LogoutCause): void {
    this.#sessions.delete(session.login.tsih);
    if (this.#sessions.size === 0) this.#whenLoggedOut?.();
    if (!this.#events.active) return;
    this.#events.emit({ type: 'logout', nexusId: nexusIdOf(session.login, connection.port), cause });
  }

  /** Whether a CHAP challenge is one that we have sent on a connection that is still open. */
  isChallengeOfOurs(challenge: Uint8Array): boolean {
    return [...this.#connections].some(
      ({ chapChallenge: sent }) => sent !== undefined && equalInConstantTime(sent, challenge),
    );
  }

  loginRefused(initiatorName: string, reason: string): void {
    if (this.#events.active) this.#events.emit({ type: 'loginRefused', initiatorName, reason });
  }

  connectionEnded(connection: IscsiConnection): void {
    this.#connections.delete(connection);
    if (this.#connections.size === 0) this.#whenEmpty?.();
  }

  /** TargetAddress of each portal, for an initiator that reached us at `localAddress` (RFC 7143 13.8). */
  addressesFor(localAddress: string): string[] {
    return this.#ports.flatMap((port) => {
      const isWildcard = port.host === '0.0.0.0' || port.host === '::';
      // A portal on every address is told by the one in use; of the other family we know none.
      if (isWildcard && isIPv6(port.host) !== isIPv6(localAddress)) return [];
      const host = isWildcard ? localAddress : port.host;
      return [`${formatPortal({ host, port: port.port })},${port.portalGroupTag}`];
    });
  }

  sessions(): SessionView[] {
    return [...this.#sessions.values()].map(({ connection, session: { login, loggedInAt } }) => ({
      kind: login.sessionKind,
      initiatorName: login.initiatorName,
      isid: login.isid,
      tsih: login.tsih,
      relativeTargetPortId: connection.port.relativeTargetPortId,
      remoteAddress: connection.remoteAddress,
      loggedInAt,
      authMethod: login.authMethod,
      headerDigest: login.agreed.headerDigest,
      dataDigest: login.agreed.dataDigest,
    }));
  }

  dropConnections(nexusId: ItNexusId): void {
    for (const { connection, session } of [...this.#sessions.values()]) {
      if (nexusIdOf(session.login, connection.port) === nexusId) connection.abandon('connectionLost', true);
    }
  }

  /** As when the cable is pulled: nobody is told. */
  dropAllConnections(): void {
    for (const connection of [...this.#connections]) connection.abandon('connectionLost', true);
  }

  /** What TARGET COLD RESET demands once it is answered (RFC 7143 11.5.1). */
  endAllSessions(): void {
    for (const { connection } of [...this.#sessions.values()]) connection.close('targetClosed');
  }

  /** Resolves when no session is left, or the time is over. */
  async #askToLogOut(withinSeconds: number): Promise<void> {
    if (this.#sessions.size === 0) return;
    for (const { connection } of this.#sessions.values()) connection.requestLogout(withinSeconds);
    await new Promise<void>((resolve) => {
      const cancel = this.clock.schedule(withinSeconds * 1000, resolve);
      this.#whenLoggedOut = () => {
        cancel();
        resolve();
      };
    });
  }

  /**
   * Ends every session with notice and closes the portals; resolves when no socket is left. Initiators are asked before to
   * log out themselves within so many seconds (RFC 7143 11.9.1), unless these are 0.
   */
  async close(logoutWithinSeconds = 0): Promise<void> {
    this.#closing = true;
    const closed = this.#servers.map(
      (server) =>
        new Promise<void>((resolve) => {
          server.close(() => {
            resolve();
          });
        }),
    );
    if (logoutWithinSeconds > 0) await this.#askToLogOut(logoutWithinSeconds);
    for (const connection of [...this.#connections]) connection.dismiss('targetClosed');
    if (this.#connections.size > 0) {
      await new Promise<void>((resolve) => {
        this.#whenEmpty = resolve;
      });
    }
    await Promise.all(closed);
  }
}

function isSame(
  login: LoggedIn,
  at: TargetPort,
  initiatorName: string,
  isid: bigint,
  port: TargetPort,
): boolean {
  return (
    login.sessionKind === 'normal' &&
    login.isid === isid &&
    login.initiatorName === initiatorName &&
    at.portalGroupTag === port.portalGroupTag
  );
}

/** The nexus of a session, or what it would be for a discovery session. */
const nexusIdOf = (login: LoggedIn, port: TargetPort): ItNexusId =>
  itNexusId({
    initiatorPort: { protocol: 'iscsi', iscsiName: login.initiatorName, isid: login.isid },
    relativeTargetPortId: port.relativeTargetPortId,
  });

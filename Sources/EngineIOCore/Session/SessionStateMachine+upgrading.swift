/// A WebSocket that takes over.
extension SessionStateMachine {
    public enum ProbeAction {
        /// Keep the WebSocket and tell what it sends.
        case accept
        /// Close the WebSocket; the session does not notice.
        case refuse
    }

    /// A WebSocket was opened for the session.
    public mutating func probeOpened(now: Instant) -> ProbeAction {
        guard case .open(.polling(let polling), let heartbeat) = state else { return .refuse }
        let probe = Probe(deadline: now &+ configuration.upgradeTimeout, nextNoop: nil)
        state = .open(.probing(polling, probe), heartbeat)
        return .accept
    }

    public enum ProbePacketAction {
        /// Answer the probe on the WebSocket.
        case pong
        /// The WebSocket is the transport now: complete the pending poll, if any, with a close packet, then write what
        /// ``takeNext()`` gives.
        case upgrade(completePoll: Bool)
        /// The session is ending: write, then close the WebSocket; it is over.
        case farewell(write: [Packet])
        /// Close the WebSocket; the session stays on polling.
        case abort
    }

    /// What a probing WebSocket may send.
    public enum ProbePacket {
        case probe
        case upgrade
        case other
    }

    public mutating func probeReceived(_ packet: ProbePacket, now: Instant) -> ProbePacketAction {
        if case .closing(let farewell) = state, farewell.awaitsUpgrade {
            return receivedWhileClosing(packet, farewell)
        }
        guard case .open(.probing(let polling, var probe), let heartbeat) = state else { return .abort }
        switch packet {
        case .probe:
            probe.nextNoop = probe.nextNoop ?? now &+ configuration.noopInterval
            state = .open(.probing(polling, probe), heartbeat)
            return .pong
        case .upgrade:
            let next: Heartbeat =
                switch heartbeat {
                case .idle, .listening: heartbeat
                // A ping that was sent just before the switch may have been lost with the poll: it is forgiven.
                case .pinged: .idle(pingAt: now &+ configuration.pingInterval)
                }
            state = .open(.webSocket(isWritable: true), next)
            return .upgrade(completePoll: polling.isPollPending)
        case .other:
            state = .open(.polling(polling), heartbeat)
            return .abort
        }
    }

    private mutating func receivedWhileClosing(_ packet: ProbePacket, _ farewell: Farewell) -> ProbePacketAction {
        switch packet {
        case .probe: return .pong
        case .upgrade:
            state = .closed
            return .farewell(write: dequeue(.max))
        case .other:
            probeClosed()
            return .abort
        }
    }

    /// The probing WebSocket went away.
    public mutating func probeClosed() {
        if case .closing(var farewell) = state {
            farewell.awaitsUpgrade = false
            state = .closing(farewell)
            return
        }
        guard case .open(.probing(let polling, _), let heartbeat) = state else { return }
        state = .open(.polling(polling), heartbeat)
    }
}

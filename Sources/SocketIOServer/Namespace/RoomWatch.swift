import Synchronization

/// Tells those that listen to a namespace's rooms what happens in them.
///
/// A room may have members on several event loops. As long as nobody listens, they know nothing of each other; from
/// then on changes come one after the other, so that the first member and the last are known.
final class RoomWatch: Sendable {
    /// One socket and one room.
    struct Step {
        let room: String
        let socket: ServerSocket
        let joins: Bool
    }

    private let hasListener = Atomic<Bool>(false)
    private let changes = Mutex<Void>(())

    /// Whether somebody listens, or did.
    var isOn: Bool { hasListener.load(ordering: .acquiring) }

    func turnOn() { hasListener.store(true, ordering: .releasing) }

    /// Carries out a change that consists of `steps`, and returns what to tell about it. `memberCount` says how many a
    /// room has on all loops.
    func events<Result>(
        of change: () -> Result, _ steps: (Result) -> [Step], memberCount: (String) -> Int
    ) -> (Result, [RoomEvent]) {
        changes.withLock { _ in
            let result = change()
            let steps = steps(result)
            var events: [RoomEvent] = []
            for (position, step) in steps.enumerated() {
                if step.joins {
                    if memberCount(step.room) == 1 { events.append(step.event(.create)) }
                    events.append(step.event(.join))
                } else {
                    events.append(step.event(.leave))
                    let isLast = !steps[(position + 1)...].contains { $0.room == step.room }
                    if isLast, memberCount(step.room) == 0 { events.append(step.event(.delete)) }
                }
            }
            return (result, events)
        }
    }
}

extension RoomWatch.Step {
    fileprivate func event(_ change: RoomEvent.Change) -> RoomEvent {
        RoomEvent(change: change, room: room, socket: socket)
    }
}

import SocketIOHandlers
import Synchronization

/// Called when a namespace has been made.
public typealias NamespaceHandler = @Sendable (Namespace) -> Void

/// The namespaces of a server: those that the program made, and those that clients asked for, which are children of
/// one that the program made for them.
final class NamespaceTable: Sendable {
    struct Parent {
        let namespace: Namespace
        let matcher: NamespaceMatcher
        /// What decides instead of the matcher, if it is that simple.
        let pattern: NamespacePattern?
    }

    fileprivate struct State {
        /// By the name as packets have it.
        var named: [[UInt8]: Namespace] = [:]
        var parents: [Parent] = []
        var childCount = 0
        /// Children without clients.
        var emptyCount = 0
        var onNew = HandlerList<NamespaceHandler>()
    }

    private let state = Mutex(State())
    private let counters: Counters
    private let options: ServerOptions
    private let childLimit: Int
    private let dropsEmptyChildren: Bool
    /// Of all of them.
    let recoveryBudget: RecoveryBudget

    init(counters: Counters, options: ServerOptions) {
        self.counters = counters
        self.options = options
        childLimit = max(0, options.maxChildNamespaces)
        dropsEmptyChildren = options.cleanupEmptyChildNamespaces
        let recovery = options.connectionStateRecovery
        recoveryBudget = RecoveryBudget(bytes: recovery?.maxBytes ?? 0, sessions: recovery?.maxSessions ?? 0)
    }

    // MARK: The program's

    /// The namespace of this name, which may be that of a parent; it is made at the first call, as a child if a
    /// parent's pattern has it.
    func of(_ name: String) -> Namespace {
        let key = Self.key(name)
        let (namespace, handlers) = state.withLock { state -> (Namespace, [NamespaceHandler]) in
            if let parent = state.parent(name) { return (parent, []) }
            if let namespace = state.named[key] {
                namespace.isKept.store(true, ordering: .relaxed)
                return (namespace, [])
            }
            let parent = state.parents.first { $0.pattern?.matches(key) == true }?.namespace
            let namespace = make(name, parent: parent)
            namespace.isKept.store(true, ordering: .relaxed)
            state.named[key] = namespace
            if parent != nil {
                state.childCount &+= 1
                state.emptyCount &+= 1
            }
            return (namespace, state.onNew.handlers)
        }
        for handler in handlers { handler(namespace) }
        return namespace
    }

    private func make(_ name: String, parent: Namespace? = nil, isParent: Bool = false) -> Namespace {
        let namespace = Namespace(
            name: name, counters: counters, options: options, parent: parent, table: self, isParent: isParent)
        namespace.makeRecoverable(options, recoveryBudget)
        return namespace
    }

    /// The namespace or parent, if it exists.
    func existing(_ name: String) -> Namespace? {
        state.withLock { $0.parent(name) ?? $0.named[Self.key(name)] }
    }

    /// A parent, for namespaces that `matcher` lets clients have. Nil if there is a namespace of this name.
    func parent(_ name: String, pattern: NamespacePattern?, _ matcher: @escaping NamespaceMatcher) -> Namespace? {
        state.withLock { state in
            guard state.parent(name) == nil, state.named[Self.key(name)] == nil else { return nil }
            let parent = make(name, isParent: true)
            state.parents.append(Parent(namespace: parent, matcher: matcher, pattern: pattern))
            return parent
        }
    }

    func children(of parent: Namespace) -> [Namespace] {
        state.withLock { $0.named.values.filter { $0.parent === parent } }
    }

    var all: [Namespace] { state.withLock { Array($0.named.values) + $0.parents.map(\.namespace) } }

    func onNew(_ registration: Registration, _ handler: @escaping NamespaceHandler) {
        state.withLock { $0.onNew.add(handler, registration, first: false) }
    }

    func off(_ fits: (Registration) -> Bool) -> Bool {
        // What it lets go of ends outside of the lock.
        let (removed, old) = state.withLock { state in
            let old = state.onNew
            return (state.onNew.remove(fits) != nil, old)
        }
        withExtendedLifetime(old) {}
        return removed
    }

    func removeHandlers() {
        let old = state.withLock { state in
            defer {
                state.parents = []
                state.onNew = HandlerList()
            }
            return (state.parents, state.onNew)
        }
        for parent in old.0 { parent.namespace.removeHandlers() }
        for namespace in all { namespace.removeHandlers() }
        withExtendedLifetime(old) {}
    }

    // MARK: Clients'

    /// A namespace that a client joins; of a child it is counted until ``left(_:)``.
    func entered(_ wireName: [UInt8]) -> Namespace? {
        state.withLock { state in
            guard let namespace = state.named[wireName == [UInt8(ascii: "/")] ? [] : wireName] else { return nil }
            if namespace.parent != nil { state.enter(namespace) }
            return namespace
        }
    }

    /// Who is asked next about a namespace that does not exist; nil behind the last.
    func parent(at position: Int) -> Parent? {
        state.withLock { position < $0.parents.count ? $0.parents[position] : nil }
    }

    /// A child for a client that joins it, as ``entered(_:)``; nil if there are too many.
    func child(_ name: String, of parent: Namespace) -> Namespace? {
        let key = Self.key(name)
        let (child, handlers, dropped) = state.withLock { state -> (Namespace?, [NamespaceHandler], [Namespace]) in
            if let made = state.named[key] {
                if made.parent != nil { state.enter(made) }
                return (made, [], [])
            }
            let dropped = state.childCount >= childLimit ? state.dropEmptyChildren() : []
            guard state.childCount < childLimit else { return (nil, [], dropped) }
            let child = make(name, parent: parent)
            child.clientCount.store(1, ordering: .relaxed)
            state.named[key] = child
            state.childCount &+= 1
            return (child, state.onNew.handlers, dropped)
        }
        // Their end may run code of the application: not under the lock.
        withExtendedLifetime(dropped) {}
        if let child { for handler in handlers { handler(child) } }
        return child
    }

    /// A client of a child has left.
    func left(_ child: Namespace) {
        let dropped = state.withLock { state -> Namespace? in
            let rest = child.clientCount.wrappingSubtract(1, ordering: .relaxed).newValue
            guard rest == 0, state.named[child.wireNameBytes] === child else { return nil }
            state.emptyCount &+= 1
            return dropsEmptyChildren && child.isForgettable ? state.drop(child) : nil
        }
        withExtendedLifetime(dropped) {}
    }

    /// No client of a child can come back any more.
    func becameForgettable(_ child: Namespace) {
        guard dropsEmptyChildren else { return }
        let dropped = state.withLock { state in
            child.isForgettable && state.named[child.wireNameBytes] === child ? state.drop(child) : nil
        }
        withExtendedLifetime(dropped) {}
    }

    private static func key(_ name: String) -> [UInt8] { name == "/" ? [] : Array(name.utf8) }
}

extension NamespaceTable.State {
    fileprivate func parent(_ name: String) -> Namespace? {
        parents.first { $0.namespace.name == name }?.namespace
    }

    fileprivate mutating func enter(_ child: Namespace) {
        if child.clientCount.wrappingAdd(1, ordering: .relaxed).oldValue == 0 { emptyCount &-= 1 }
    }

    /// An empty child.
    fileprivate mutating func drop(_ child: Namespace) -> Namespace? {
        guard let dropped = named.removeValue(forKey: child.wireNameBytes) else { return nil }
        childCount &-= 1
        emptyCount &-= 1
        return dropped
    }

    fileprivate mutating func dropEmptyChildren() -> [Namespace] {
        guard emptyCount > 0 else { return [] }
        let empty = named.values.filter { $0.parent != nil && $0.isEmpty }
        let forgettable = empty.filter(\.isForgettable)
        // Who is away begins anew, rather than that somebody who is here is refused.
        return (forgettable.isEmpty ? empty : forgettable).compactMap { drop($0) }
    }
}

extension Namespace {
    /// Whether it is a child without clients that are here, which the program does not know by name.
    fileprivate var isEmpty: Bool { clientCount.load(ordering: .relaxed) == 0 && !isKept.load(ordering: .relaxed) }

    /// Whether it has no clients that are away, either.
    fileprivate var isForgettable: Bool { isEmpty && recovery?.hasSessions != true }
}

import Synchronization

/// Called when a namespace has been made.
public typealias NamespaceHandler = @Sendable (Namespace) -> Void

/// The namespaces of a server: those that the program made, and those that clients asked for, which are children of
/// one that the program made for them.
final class NamespaceTable: Sendable {
    fileprivate struct State {
        /// By the name as packets have it.
        var named: [[UInt8]: Namespace] = [:]
        var parents: [(parent: Namespace, matcher: NamespaceMatcher)] = []
        var childCount = 0
        var onNew = HandlerList<NamespaceHandler>()
    }

    private let state = Mutex(State())
    private let counters: Counters
    private let options: ServerOptions
    private let childLimit: Int
    private let dropsEmptyChildren: Bool

    init(counters: Counters, options: ServerOptions) {
        self.counters = counters
        self.options = options
        childLimit = max(0, options.maxChildNamespaces)
        dropsEmptyChildren = options.cleanupEmptyChildNamespaces
    }

    // MARK: The program's

    /// The namespace of this name, which may be that of a parent; it is made at the first call.
    func of(_ name: String) -> Namespace {
        let key = Self.key(name)
        let (namespace, handlers) = state.withLock { state -> (Namespace, [NamespaceHandler]) in
            if let parent = state.parent(name) { return (parent, []) }
            if let namespace = state.named[key] {
                namespace.isKept.store(true, ordering: .relaxed)
                return (namespace, [])
            }
            let namespace = Namespace(name: name, counters: counters, options: options, table: self)
            state.named[key] = namespace
            return (namespace, state.onNew.handlers)
        }
        for handler in handlers { handler(namespace) }
        return namespace
    }

    /// The namespace or parent, if it exists.
    func existing(_ name: String) -> Namespace? {
        state.withLock { $0.parent(name) ?? $0.named[Self.key(name)] }
    }

    /// A parent, for namespaces that `matcher` lets clients have. Nil if there is a namespace of this name.
    func parent(_ name: String, _ matcher: @escaping NamespaceMatcher) -> Namespace? {
        state.withLock { state in
            guard state.parent(name) == nil, state.named[Self.key(name)] == nil else { return nil }
            let parent = Namespace(name: name, counters: counters, options: options, table: self, isParent: true)
            state.parents.append((parent, matcher))
            return parent
        }
    }

    func children(of parent: Namespace) -> [Namespace] {
        state.withLock { $0.named.values.filter { $0.parent === parent } }
    }

    var all: [Namespace] { state.withLock { Array($0.named.values) + $0.parents.map(\.parent) } }

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
        for (parent, _) in old.0 { parent.removeHandlers() }
        for namespace in all { namespace.removeHandlers() }
        withExtendedLifetime(old) {}
    }

    // MARK: Clients'

    /// A namespace that a client joins; of a child it is counted until ``left(_:)``.
    func entered(_ wireName: [UInt8]) -> Namespace? {
        state.withLock { state in
            guard let namespace = state.named[wireName == [UInt8(ascii: "/")] ? [] : wireName] else { return nil }
            if namespace.parent != nil { namespace.clientCount.wrappingAdd(1, ordering: .relaxed) }
            return namespace
        }
    }

    /// Who is asked next about a namespace that does not exist; nil behind the last.
    func matcher(at position: Int) -> (parent: Namespace, matcher: NamespaceMatcher)? {
        state.withLock { position < $0.parents.count ? $0.parents[position] : nil }
    }

    /// A child for a client that joins it, as ``entered(_:)``; nil if there are too many.
    func child(_ name: String, of parent: Namespace) -> Namespace? {
        let key = Self.key(name)
        let (child, handlers) = state.withLock { state -> (Namespace?, [NamespaceHandler]) in
            if let made = state.named[key] {
                if made.parent != nil { made.clientCount.wrappingAdd(1, ordering: .relaxed) }
                return (made, [])
            }
            if state.childCount >= childLimit { state.dropEmptyChildren() }
            guard state.childCount < childLimit else { return (nil, []) }
            let child = Namespace(name: name, counters: counters, options: options, parent: parent, table: self)
            child.clientCount.store(1, ordering: .relaxed)
            state.named[key] = child
            state.childCount &+= 1
            return (child, state.onNew.handlers)
        }
        if let child { for handler in handlers { handler(child) } }
        return child
    }

    /// A client of a child has left.
    func left(_ child: Namespace) {
        let dropped = state.withLock { state -> Namespace? in
            let rest = child.clientCount.wrappingSubtract(1, ordering: .relaxed).newValue
            guard rest == 0, dropsEmptyChildren, state.named[child.wireNameBytes] === child, child.isForgettable else {
                return nil
            }
            return state.drop(child)
        }
        withExtendedLifetime(dropped) {}
    }

    private static func key(_ name: String) -> [UInt8] { name == "/" ? [] : Array(name.utf8) }
}

extension NamespaceTable.State {
    fileprivate func parent(_ name: String) -> Namespace? { parents.first { $0.parent.name == name }?.parent }

    fileprivate mutating func drop(_ child: Namespace) -> Namespace? {
        guard let dropped = named.removeValue(forKey: child.wireNameBytes) else { return nil }
        childCount &-= 1
        return dropped
    }

    fileprivate mutating func dropEmptyChildren() {
        for child in named.values where child.parent != nil && child.isForgettable { _ = drop(child) }
    }
}

extension Namespace {
    /// Whether it is a child without clients, which the program does not know by name.
    fileprivate var isForgettable: Bool {
        clientCount.load(ordering: .relaxed) == 0 && !isKept.load(ordering: .relaxed)
    }
}

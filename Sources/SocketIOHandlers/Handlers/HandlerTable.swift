/// The handlers of a namespace or a socket at one moment. Registering makes another table, so that the loops read
/// this one without a lock.
///
/// Generic over what is called; who calls knows the type, so that no generic code is on the path of an event.
public final class HandlerTable<Handler: Sendable>: Sendable {
    public struct Entry: Sendable {
        let name: [UInt8]
        public fileprivate(set) var list = HandlerList<Handler>()
    }

    /// The handlers of every event.
    public let any: HandlerList<Handler>
    public let entries: [Entry]
    private let index: NameIndex

    private init(any: HandlerList<Handler>, entries: [Entry]) {
        self.any = any
        self.entries = entries
        index = NameIndex(entries.map(\.name))
    }

    /// Without handlers.
    public convenience init() { self.init(any: HandlerList(), entries: []) }

    public var isEmpty: Bool { any.isEmpty && entries.isEmpty }

    /// The names that have handlers, in the order of their first registration.
    public var names: [String] { entries.map { String(decoding: $0.name, as: UTF8.self) } }

    public func adding(any handler: Handler, _ registration: Registration, first: Bool = false) -> HandlerTable {
        var any = any
        any.add(handler, registration, first: first)
        return HandlerTable(any: any, entries: entries)
    }

    public func adding(
        _ handler: Handler, to name: String, _ registration: Registration, first: Bool = false
    ) -> HandlerTable {
        let name = Array(name.utf8)
        var entries = entries
        let position = entries.firstIndex { $0.name == name } ?? entries.count
        if position == entries.count { entries.append(Entry(name: name)) }
        entries[position].list.add(handler, registration, first: first)
        return HandlerTable(any: any, entries: entries)
    }

    /// Without the handler of every event that was registered last of those that fit; nil if there is none.
    public func removing(any fits: (Registration) -> Bool) -> HandlerTable? {
        var any = any
        return any.remove(fits) == nil ? nil : HandlerTable(any: any, entries: entries)
    }

    /// Without the handler that was registered last of those that fit, of one name or of any; nil if there is none.
    public func removing(from name: String? = nil, _ fits: (Registration) -> Bool) -> HandlerTable? {
        let name = name.map { Array($0.utf8) }
        var entries = entries
        for position in entries.indices where name == nil || entries[position].name == name {
            guard entries[position].list.remove(fits) != nil else { continue }
            if entries[position].list.isEmpty { entries.remove(at: position) }
            return HandlerTable(any: any, entries: entries)
        }
        return nil
    }

    public func removingAll(of name: String) -> HandlerTable {
        let name = Array(name.utf8)
        return HandlerTable(any: any, entries: entries.filter { $0.name != name })
    }

    public func removingAny() -> HandlerTable { HandlerTable(any: HandlerList(), entries: entries) }

    /// With the handlers of another table before these.
    public func behind(_ other: HandlerTable) -> HandlerTable {
        var any = other.any
        any.append(self.any)
        var merged = other.entries
        for entry in entries {
            let position = merged.firstIndex { $0.name == entry.name } ?? merged.count
            if position == merged.count { merged.append(Entry(name: entry.name)) }
            merged[position].list.append(entry.list)
        }
        return HandlerTable(any: any, entries: merged)
    }

    public func count(of name: String) -> Int {
        let name = Array(name.utf8)
        return entries.first { $0.name == name }?.list.count ?? 0
    }

    /// Where in ``entries`` the handlers of a name stand; nil if it has none.
    public func entry(of name: UnsafeRawBufferPointer) -> Int? {
        index.position(of: name)
    }
}

extension SocketServer {
    /// The namespace of this name, "/chat"; it is made at the first call.
    public func of(_ name: String) throws(SocketError) -> Namespace {
        try check(name)
        return namespaces.of(name)
    }

    /// Lets clients have every namespace whose name fits a pattern, "/room-*", in which a "*" is any number of
    /// characters. What is registered in the namespace that is returned holds for all of them; what is emitted in it
    /// goes to all of them.
    public func of(matching pattern: String) throws(SocketError) -> Namespace {
        let names = NamespacePattern(pattern)
        return try of(pattern, names) { request in
            // Decided here, so it is the first decision.
            _ = try? names.matches(Array(request.name.utf8)) ? request.accept() : request.reject()
        }
    }

    /// Lets clients have the namespaces that `matcher` accepts. `name` is a name for all of them together; see
    /// ``of(matching:)``. Several are asked in the order of their registration.
    @discardableResult
    public func of(_ name: String, where matcher: @escaping NamespaceMatcher) throws(SocketError) -> Namespace {
        try of(name, nil, matcher)
    }

    private func of(
        _ name: String, _ pattern: NamespacePattern?, _ matcher: @escaping NamespaceMatcher
    ) throws(SocketError) -> Namespace {
        try check(name)
        guard let parent = namespaces.parent(name, pattern: pattern, matcher) else {
            throw SocketError(.state, "There is a namespace \"\(name)\" already: choose another name for this one.")
        }
        return parent
    }

    private func check(_ name: String) throws(SocketError) {
        guard name.utf8.first == UInt8(ascii: "/"), !name.utf8.contains(UInt8(ascii: ",")) else {
            throw SocketError(.argument, "\"\(name)\" is not a namespace: it begins with \"/\" and has no \",\".")
        }
        guard name.utf8.count <= Namespace.maximumNameSize else {
            throw SocketError(.limit, "The name of a namespace has \(Namespace.maximumNameSize) bytes at the most.")
        }
    }

    /// The namespace, if it exists.
    package func existing(_ name: String) -> Namespace? { namespaces.existing(name) }

    /// Calls `handler` for every namespace that is made from now on: on the thread that asks for it, or, for one that
    /// a client asks for, on the client's event loop. Clients on other loops may be in the namespace by then: what
    /// decides who is let in belongs to the parent.
    @discardableResult
    public func onNewNamespace(
        as registration: Registration = Registration(), _ handler: @escaping NamespaceHandler
    ) -> Registration {
        namespaces.onNew(registration, handler)
        return registration
    }
}

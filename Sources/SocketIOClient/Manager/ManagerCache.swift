import EngineIOCore
import Synchronization

/// The managers that ``io(_:options:)`` has made, so that the namespaces of a server share a connection.
enum ManagerCache {
    private struct Key: Hashable {
        let origin: String
        let path: String
    }

    private static let managers = Mutex<[Key: Manager]>([:])

    /// The one for this server, or a new one: if there is none, if it has this namespace already, or if the options say
    /// so.
    static func manager(_ url: String, _ namespace: String, _ options: ManagerOptions) throws(SocketError) -> Manager {
        let new = try Manager(url, options: options)
        guard !options.forceNew, options.multiplex else { return new }
        let key = Key(origin: new.origin, path: options.path)
        return managers.withLock { managers in
            guard let old = managers[key], !old.isClosing else {
                managers[key] = new
                return new
            }
            return old.existingSocket(namespace) == nil ? old : new
        }
    }

    static func remove(_ manager: Manager) {
        let removed = managers.withLock { managers -> Manager? in
            guard let (key, old) = managers.first(where: { $0.value === manager }) else { return nil }
            managers[key] = nil
            return old
        }
        withExtendedLifetime(removed) {}
    }
}

/// The socket of a namespace, which is the path of the URL: `io("http://localhost:3000/admin")`. Namespaces of one server
/// share a connection. It does not connect by itself: call ``ClientSocket/connect()`` when the handlers are registered.
public func io(
    _ url: String, options: ManagerOptions = ManagerOptions(), socket: ClientSocketOptions = ClientSocketOptions()
) throws(SocketError) -> ClientSocket {
    let address: EngineURL
    do throws(EngineURL.Mistake) {
        address = try EngineURL(url)
    } catch {
        throw SocketError(.argument, error.sentence)
    }
    let namespace = try ClientSocket.checkedNamespace(address.path)
    return try ManagerCache.manager(url, namespace, options).socket(namespace, options: socket)
}

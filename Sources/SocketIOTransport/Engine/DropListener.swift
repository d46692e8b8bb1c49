/// Is told that a message was dropped. On the loop of its session.
package protocol DropListener: AnyObject, Sendable {
    func dropped()
}

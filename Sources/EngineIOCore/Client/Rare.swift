/// A value that few have: who has none pays for a reference, and not for room in which it could lie. Clients come in
/// thousands, and each keeps its options.
public indirect enum Rare<Value: Sendable>: Sendable {
    case some(Value)

    public var value: Value {
        switch self {
        case .some(let value): value
        }
    }
}

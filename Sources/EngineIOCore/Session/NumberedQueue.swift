/// First in, first out. An element is found by its number, which counts from the first that ever came in.
struct NumberedQueue<Element> {
    private var items: [Element?] = []
    private var head = 0
    /// The number of what is first.
    private(set) var firstNumber = 0

    var count: Int { items.count &- head }
    var isEmpty: Bool { head == items.count }
    var nextNumber: Int { firstNumber &+ count }
    var first: Element? { self[firstNumber] }

    /// Nil for what has left, or is not there yet. Setting it then does nothing.
    subscript(number: Int) -> Element? {
        get {
            let position = position(of: number)
            return items.indices.contains(position) ? items[position] : nil
        }
        set {
            let position = position(of: number)
            if items.indices.contains(position) { items[position] = newValue }
        }
    }

    private func position(of number: Int) -> Int {
        number < firstNumber ? -1 : head &+ (number &- firstNumber)
    }

    mutating func append(_ element: Element) {
        items.append(element)
    }

    /// Adds an element behind those for which `isBefore` holds, of a queue where these come first: all behind it get
    /// other numbers.
    mutating func insert(_ element: Element, behind isBefore: (Element) -> Bool) {
        var (low, high) = (head, items.count)
        while low < high {
            let middle = low &+ (high &- low) / 2
            if items[middle].map(isBefore) == true { low = middle &+ 1 } else { high = middle }
        }
        items.insert(element, at: low)
    }

    @discardableResult
    mutating func popFirst() -> Element? {
        guard head < items.count else { return nil }
        let element = items[head]
        items[head] = nil
        head &+= 1
        firstNumber &+= 1
        // Moving the rest costs no more than adding it did.
        if head == items.count {
            items.removeAll(keepingCapacity: items.capacity <= 64)
            head = 0
        } else if head > 64, head > items.count / 2 {
            items.removeFirst(head)
            head = 0
        }
        return element
    }
}

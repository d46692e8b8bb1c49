/// Decimal numbers in what a proxy or a person has written.
enum DecimalNumber {
    /// Digits only; nil for more than `limit`.
    static func parse(_ digits: some Collection<UInt8>, atMost limit: Int) -> Int? {
        guard !digits.isEmpty, digits.count <= 9 else { return nil }
        var number = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            number = number &* 10 &+ Int(digit &- UInt8(ascii: "0"))
        }
        return number <= limit ? number : nil
    }
}

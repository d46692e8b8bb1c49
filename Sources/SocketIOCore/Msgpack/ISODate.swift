/// A point in time as `JSON.stringify` writes it: a string like "2026-01-31T23:59:59.999Z".
struct ISODate {
    /// Since 1970; nil for what JavaScript's dates cannot say, which becomes `null` there.
    private let milliseconds: Int64?

    init(milliseconds: Int64) {
        let furthest: Int64 = 8_640_000_000_000_000
        self.milliseconds = -furthest...furthest ~= milliseconds ? milliseconds : nil
    }

    init(seconds: Int64, milliseconds: Int64) {
        let (product, overflows) = seconds.multipliedReportingOverflow(by: 1000)
        let (sum, carries) = product.addingReportingOverflow(milliseconds)
        self.init(milliseconds: overflows || carries ? .max : sum)
    }

    func write(to sink: inout some ByteSink) {
        guard let milliseconds else { return sink.write("null") }
        let (days, rest) = milliseconds.flooredDivision(by: 86_400_000)
        let (year, month, day) = Self.date(daysSince1970: days)
        sink.write(ASCII.quote)
        if 0...9999 ~= year {
            sink.write(year, digits: 4)
        } else {
            sink.write(year < 0 ? ASCII.minus : ASCII.plus)
            sink.write(abs(year), digits: 6)
        }
        for (separator, value, digits) in [
            ("-", month, 2), ("-", day, 2), ("T", rest / 3_600_000, 2), (":", rest / 60_000 % 60, 2),
            (":", rest / 1000 % 60, 2), (".", rest % 1000, 3),
        ] as [(StaticString, Int64, Int)] {
            sink.write(separator)
            sink.write(value, digits: digits)
        }
        sink.write("Z\"")
    }

    /// The day of the Gregorian calendar, continued into the past. Years are counted from March on, so that the leap
    /// day is the last, in periods of 400 years, which are all alike.
    private static func date(daysSince1970 days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (period, day) = (days &+ 719_468).flooredDivision(by: 146_097)
        let yearOfPeriod = (day &- day / 1460 &+ day / 36_524 &- day / 146_096) / 365
        let dayOfYear = day &- (365 &* yearOfPeriod &+ yearOfPeriod / 4 &- yearOfPeriod / 100)
        let monthFromMarch = (5 &* dayOfYear &+ 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch &+ 3 : monthFromMarch &- 9
        let year = period &* 400 &+ yearOfPeriod &+ (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear &- (153 &* monthFromMarch &+ 2) / 5 &+ 1)
    }
}

extension Int64 {
    /// The quotient, rounded down, and the rest, which is not negative.
    fileprivate func flooredDivision(by divisor: Int64) -> (Int64, Int64) {
        let (quotient, rest) = quotientAndRemainder(dividingBy: divisor)
        return rest < 0 ? (quotient &- 1, rest &+ divisor) : (quotient, rest)
    }
}

extension ByteSink {
    /// A number with leading zeros.
    fileprivate mutating func write(_ value: Int64, digits: Int) {
        var divisor: Int64 = 1
        for _ in 1..<digits {
            divisor &*= 10
        }
        while divisor > 0 {
            write(ASCII.zero &+ UInt8(truncatingIfNeeded: value / divisor % 10))
            divisor /= 10
        }
    }
}

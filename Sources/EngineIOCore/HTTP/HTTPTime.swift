/// Dates in fields of a request, in the three forms of RFC 9110, section 5.6.7.
enum HTTPTime {
    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

    /// The seconds since 1970; nil for what is not a date.
    ///
    ///     Sun, 06 Nov 1994 08:49:37 GMT
    ///     Sunday, 06-Nov-94 08:49:37 GMT
    ///     Sun Nov  6 08:49:37 1994
    static func parse(_ text: String) -> Int? {
        let words = text.lowercased().split { $0 == " " || $0 == "," || $0 == "-" }
        guard words.count >= 5 else { return nil }
        let isOldest = months.contains(String(words[1]))
        let (dayWord, monthWord, yearWord, timeWord) =
            isOldest ? (words[2], words[1], words[4], words[3]) : (words[1], words[2], words[3], words[4])
        guard words.count == (isOldest ? 5 : 6), isOldest || words[5] == "gmt" else { return nil }
        let clock = timeWord.split(separator: ":", omittingEmptySubsequences: false).map { number($0, in: 0...60) }
        guard clock.count == 3, let hour = clock[0], hour < 24, let minute = clock[1], minute < 60,
            let second = clock[2], let day = number(dayWord, in: 1...31),
            let month = months.firstIndex(of: String(monthWord)), var year = number(yearWord, in: 0...9999)
        else { return nil }
        if yearWord.count == 2 { year += year < 70 ? 2000 : 1900 }
        return days(year: year, month: month + 1, day: day) * 86_400 + hour * 3600 + minute * 60 + second
    }

    private static func number(_ word: Substring, in range: ClosedRange<Int>) -> Int? {
        guard word.utf8.count <= 4, word.utf8.allSatisfy({ ($0 ^ 0x30) < 10 }), let number = Int(word) else {
            return nil
        }
        return range.contains(number) ? number : nil
    }

    /// The days since 1970, in a calendar whose years begin in March: the day that leap years add is then the last.
    private static func days(year: Int, month: Int, day: Int) -> Int {
        let year = month > 2 ? year : year - 1
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return year * 365 + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
    }
}

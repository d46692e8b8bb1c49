import Testing

@testable import SocketIOCore

/// The validator against the grammar, on texts that are JSON and on texts that nearly are.
struct JSONComparisonTests {
    private static let seeds = [
        #"{"id":48201,"user":{"name":"Ada Lovelace","tags":["a","bc",""],"ok":true},"price":-12.50e+3,"none":null}"#,
        #"[1,-0.5,[2,[]],{},{"a":{"b":[false,"c"]}},"a string that is longer than sixteen bytes",0,10,1E9]"#,
        #"["\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00 and then some more text without any escape in it at all"]"#,
        "[\"съешь ещё этих мягких французских булок\", \"我能吞下玻璃而不伤身体\" ,\t\"😀🎉\" ]\r\n",
        #"{"a":1,"bc":2,"def":3,"ghij":4,"klmno":5,"pqrstu":6,"vwxyzab":7,"cdefghij":8,"klmnopqrs":[9]}"#,
        " { \"key\" : [ 1 , 2 , { } ] , \"longer key than eight\" : \"v\" } ",
    ].map { Array($0.utf8) }

    private static let tokens = [
        "\"", "\\", "[", "]", "{", "}", ",", ":", " ", "-", "0", "1", ".", "e", "E+", "true", "null", "\\u12", "\n",
        "\"a\":", "é", "aaaaaaaa", "\0", "\u{1F}",
    ].map { Array($0.utf8) }

    @Test
    func agreesWithTheGrammar() {
        var random = SeededGenerator(seed: 4)
        var accepted = 0
        for round in 0..<60_000 {
            var bytes = Self.seeds[round % Self.seeds.count]
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                let place = Int.random(in: 0...bytes.count, using: &random)
                let length = min(Int.random(in: 0...2, using: &random), bytes.count - place)
                bytes.replaceSubrange(place..<(place + length), with: Self.tokens.randomElement(using: &random) ?? [])
            }
            if Bool.random(using: &random) {
                bytes.removeLast(Int.random(in: 0...min(20, bytes.count), using: &random))
            }
            guard String(validating: bytes, as: UTF8.self) != nil else { continue }
            let isValid = withBytes(bytes) { (try? JSONValidator.validate($0, expecting: .any)) != nil }
            #expect(isValid == PlainJSON.isValid(bytes), "\(String(decoding: bytes, as: UTF8.self))")
            accepted += isValid ? 1 : 0
        }
        #expect(accepted > 5000)
    }

    /// Every end of a valid text, at every distance from the end of the memory.
    @Test
    func refusesEveryBeginning() {
        for seed in Self.seeds {
            for count in 0..<seed.count {
                let bytes = Array(seed[..<count])
                guard String(validating: bytes, as: UTF8.self) != nil else { continue }
                let isValid = withBytes(bytes) { (try? JSONValidator.validate($0, expecting: .any)) != nil }
                #expect(isValid == PlainJSON.isValid(bytes))
            }
        }
    }
}

/// The texts that are measured: what applications send, and one kind of content each.
enum Payloads {
    /// A string of `size` bytes, quotes included.
    static func string(_ size: Int, of content: String = "The quick brown fox jumps over the lazy dog. ") -> String {
        var text = "\""
        let unit = Array(content)
        var next = 0
        while text.utf8.count + unit[next].utf8.count < size {
            text.append(unit[next])
            next = (next + 1) % unit.count
        }
        while text.utf8.count < size - 1 { text += "." }
        return text + "\""
    }

    static let cyrillic = "Съешь же ещё этих мягких французских булок, да выпей чаю. "
    static let chinese = "我能吞下玻璃而不伤身体。春眠不觉晓，处处闻啼鸟。"
    static let emoji = "😀🎉👍🏽🚀🌍❤️🔥✨"

    /// Half of the bytes belong to escapes.
    static let escapes = #"line one\nand \"two\"\t\\ tab \u00e9\/ "#

    /// A kilobyte as a program would send it: an object with short keys, nested objects, an array, strings, numbers.
    static let object = """
        {"id":48201,"type":"order","time":1764000000123,"user":{"id":1001,"name":"Ada Lovelace",\
        "email":"ada@example.com","active":true,"score":12.5},"items":[\
        {"sku":"A-1042","name":"Blue notebook, ruled","qty":2,"price":4.95,"tags":["paper","a5"]},\
        {"sku":"B-7","name":"Fountain pen","qty":1,"price":29.9,"tags":["ink","steel","medium"]},\
        {"sku":"C-19","name":"Ink, midnight blue, 50 ml","qty":3,"price":8,"tags":[]}],\
        "address":{"street":"12 St James's Square","city":"London","zip":"SW1Y 4JH","lat":51.5073,"lon":-0.1345},\
        "note":"Please leave it with the neighbour at number 14, she is at home in the afternoon.",\
        "history":[{"at":1763990000,"state":"new"},{"at":1763993600,"state":"paid"},{"at":1763997200,\
        "state":"packed"},{"at":1764000000,"state":"sent","by":"carrier-3"}],"total":63.6,"currency":"GBP",\
        "discount":null,"gift":false,"flags":[true,false,true],"ref":"c0ffee00-1234-4abc-8def-0123456789ab",\
        "meta":{"ip":"203.0.113.7","ua":"Mozilla/5.0 (X11; Linux x86_64)","v":3,"exp":1.5e3}}
        """

    /// What a game or a chart sends: hardly anything but numbers.
    static func numbers(_ size: Int) -> String {
        let unit = ["0", "17", "-3.25", "1024", "99.125", "1764000000123", "0.001", "-42", "6.02e23", "5"]
        return array(size, of: unit)
    }

    /// Small arrays in arrays.
    static func pairs(_ size: Int) -> String { array(size, of: ["[1,2]", "[3,[4,5]]", "[]", "[[6],[7]]"]) }

    private static func array(_ size: Int, of elements: [String]) -> String {
        var text = "["
        var next = 0
        while text.utf8.count + elements[next].utf8.count + 1 < size {
            text += elements[next] + ","
            next = (next + 1) % elements.count
        }
        return text.dropLast() + "]"
    }

    /// Objects with the same keys and values of any length, more than a branch predictor can learn by heart.
    static func records(_ size: Int) -> String {
        var state: UInt64 = 1
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let letters = Array("abcdefghijklmnop")
        func word() -> String { String((0..<random(14)).map { _ in letters[random(letters.count)] }) }
        var text = "["
        while text.utf8.count < size - 200 {
            text += "{\"id\":\(random(1 << random(30))),\"name\":\"\(word()) \(word())\",\"ok\":\(random(2) == 0),"
            text += "\"price\":\(random(10000)).\(random(100)),\"tags\":["
            text += (0..<random(4)).map { _ in "\"\(word())\"" }.joined(separator: ",") + "]},"
        }
        return text.dropLast() + "]"
    }

    static func nested(_ depth: Int) -> String {
        String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
}

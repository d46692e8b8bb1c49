import Testing

@testable import EngineIOCore

@Suite struct HTTPRequestHeadTests {
    private func head(_ fields: String, method: String = "GET", target: String = "/a?b") throws -> HTTPRequestHead {
        let text = "\(method) \(target) HTTP/1.1\r\n\(fields)\r\n"
        let parsed = try withMemory(text.utf8) { bytes in try HTTPHeadParser.parse(UnsafeRawBufferPointer(bytes)) }
        let (head, size) = try #require(parsed)
        #expect(size == text.utf8.count)
        return head
    }

    @Test func knowsMethods() throws {
        let methods: [(String, HTTPRequestHead.Method)] = [
            ("GET", .get), ("HEAD", .head), ("POST", .post), ("OPTIONS", .options), ("PUT", .other), ("get", .other),
            ("DELETE", .other), ("G", .other),
        ]
        for (name, method) in methods {
            let head = try head("", method: name)
            #expect(head.method == method)
            #expect(head.text.method == name)
        }
    }

    @Test func keepsTheTarget() throws {
        let head = try head("", target: "/a%20b?c=d#")
        #expect(head.text.target == "/a%20b?c=d#")
        #expect(head.text.withTarget { $0.elementsEqual("/a%20b?c=d#".utf8) })
    }

    private static let fields: [(HTTPRequestHead.Field, String)] = [
        (.host, "Host"), (.origin, "origin"), (.contentType, "CONTENT-TYPE"), (.userAgent, "User-Agent"),
        (.webSocketKey, "Sec-WebSocket-Key"), (.webSocketVersion, "sec-websocket-version"),
        (.webSocketProtocol, "Sec-WebSocket-Protocol"), (.requestedMethod, "Access-Control-Request-Method"),
        (.requestedHeaders, "access-control-request-headers"),
    ]

    @Test(arguments: fields)
    private func findsFields(field: HTTPRequestHead.Field, name: String) throws {
        let head = try head("X: y\r\n\(name):  a, b\t\r\n")
        #expect(head.has(field))
        #expect(head.value(of: field) == "a, b")
        #expect(head.firstElement(of: field) == "a")
        #expect(HTTPRequestHead.Field.allCases.filter { head.has($0) } == [field])
        #expect(try self.head("\(name):\r\n").value(of: field) == "")
        #expect(try self.head("X\(name): a\r\n\(name)X: a\r\n").value(of: field) == nil)
    }

    @Test func allFieldsHaveTheirPlace() {
        #expect(HTTPRequestHead.Field.allCases.map(\.rawValue) == Array(0..<HTTPRequestHead.Parts.count))
        #expect(Self.fields.map(\.0) == HTTPRequestHead.Field.allCases)
    }

    @Test func theFirstOfARepeatedFieldCounts() throws {
        #expect(try head("Origin: a\r\nOrigin: b\r\n").value(of: .origin) == "a")
    }

    /// A handshake with two keys proves nothing.
    @Test func aRepeatedKeyIsNone() throws {
        for field in [HTTPRequestHead.Field.webSocketKey, .webSocketVersion] {
            let name = field == .webSocketKey ? "Sec-WebSocket-Key" : "Sec-WebSocket-Version"
            #expect(try head("\(name): 13\r\n\(name): 13\r\n").value(of: field) == "")
        }
    }

    @Test func fieldsForTheApplication() throws {
        let fields = try head("Host: a\r\nx:\r\nX:\t b : c \r\nCookie: \u{e9}\r\n").text.fields
        #expect(fields.map(\.name) == ["Host", "x", "X", "Cookie"])
        #expect(fields.map(\.value) == ["a", "", "b : c", "\u{e9}"])
        #expect(try head("").text.fields.isEmpty)
    }

    /// CR with the bit of small letters is `-`: it must not pass for one.
    @Test func comparesNamesExactly() {
        func equals(_ text: String, _ word: StaticString) -> Bool {
            withMemory(text.utf8) { HTTPSyntax.equalsIgnoringCase(UnsafeRawBufferPointer($0), word) }
        }
        #expect(equals("KEEP-Alive", "keep-alive"))
        #expect(!equals("keep\ralive", "keep-alive"))
        #expect(!equals("keepalive", "keep-alive"))
        #expect(!equals("", "a"))
        for byte in UInt8.min ... .max {
            let isA = withMemory([byte]) { HTTPSyntax.equalsIgnoringCase(UnsafeRawBufferPointer($0), "a") }
            #expect(isA == (byte == 0x41 || byte == 0x61))
        }
    }

    @Test func knowsCharacters() {
        let tokens = Set("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
        for byte in UInt8.min ... .max {
            #expect(HTTPSyntax.isToken(byte) == tokens.contains(byte))
            let isControl = (byte < 0x20 && byte != 9) || byte == 0x7F
            for count in 1...17 {
                for place in 0..<count {
                    var bytes = [UInt8](repeating: count % 2 == 0 ? 9 : 0xFF, count: count)
                    bytes[place] = byte
                    let found = withMemory(bytes) { HTTPSyntax.firstControl(in: UnsafeRawBufferPointer($0), from: 0) }
                    #expect(found == (isControl ? place : nil))
                }
            }
        }
    }
}

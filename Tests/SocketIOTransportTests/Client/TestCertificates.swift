import EngineIOCore
import Glibc
import Testing

@testable import SocketIOTransport

/// Certificates that openssl makes for the tests, once.
struct TestCertificates {
    let folder: String

    static let shared = TestCertificates()

    private init() {
        var template = Array("/tmp/sio-certificates-XXXXXX".utf8CString)
        folder = mkdtemp(&template).map { String(cString: $0) } ?? "/tmp"
        let curve = "ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
        var script = "cd \(folder) && exec 2>/dev/null && set -e\n"
        for authority in ["ca", "other"] {
            script +=
                "openssl req -x509 -newkey \(curve) -keyout \(authority).key -out \(authority).pem -days 30 "
                + "-subj /CN=\(authority)\n"
        }
        for (name, alternatives, days) in [
            ("good", "DNS:localhost,IP:127.0.0.1", 30), ("expired", "DNS:localhost,IP:127.0.0.1", -1),
            ("wrong", "DNS:example.com,IP:127.0.0.9,IP:2001:db8::9", 30), ("client", "DNS:client", 30),
        ] {
            script +=
                "openssl req -newkey \(curve) -keyout \(name).key -out \(name).csr -subj /CN=\(name)\n"
                + "echo subjectAltName=\(alternatives) > \(name).ext\n"
                + "openssl x509 -req -in \(name).csr -CA ca.pem -CAkey ca.key -CAcreateserial -days \(days) "
                + "-extfile \(name).ext -out \(name).pem\n"
        }
        script +=
            "openssl req -x509 -newkey \(curve) -keyout self.key -out self.pem -days 30 -subj /CN=localhost "
            + "-addext subjectAltName=DNS:localhost\n"
            + "openssl x509 -in good.pem -outform der | openssl dgst -sha256 -binary > good.sha256\n"
            + "openssl x509 -in good.pem -noout -pubkey | openssl pkey -pubin -outform der "
            + "| openssl dgst -sha256 -binary > good.spki\n"
        let status = system(script)
        if status != 0 { Issue.record("openssl made no certificates in \(folder)") }
    }

    func file(_ name: String) -> TLSOptions.PEM { .file("\(folder)/\(name)") }

    func server(_ name: String) -> TLSOptions { TLSOptions(certificate: file("\(name).pem"), key: file("\(name).key")) }

    func bytes(_ name: String) throws -> [UInt8] { try PEMFile.read("\(folder)/\(name)", "test") }
}

import Testing

@testable import EngineIOCore

@Suite struct OpenMetricsTextTests {
    @Test func countersAndGauges() {
        var text = OpenMetricsText()
        text.family("a_bytes", .counter, unit: "bytes", help: "One \"two\"\nthree.")
        text.sample(7)
        text.sample(.max, [("kind", "x"), ("other", "a\"b\\c\nd")])
        text.family("b", .gauge, help: "Four.")
        text.sample(0)
        text.family("c_seconds", .gauge, unit: "seconds", help: "Five.")
        text.sample(microseconds: 12_000_345)
        #expect(
            text.finished() == """
                # TYPE a_bytes counter
                # UNIT a_bytes bytes
                # HELP a_bytes One \\"two\\"\\nthree.
                a_bytes_total 7
                a_bytes_total{kind="x",other="a\\"b\\\\c\\nd"} 18446744073709551615
                # TYPE b gauge
                # HELP b Four.
                b 0
                # TYPE c_seconds gauge
                # UNIT c_seconds seconds
                # HELP c_seconds Five.
                c_seconds 12.000345
                # EOF

                """)
    }

    @Test func histogramsAddUp() {
        var histogram = DurationHistogram()
        histogram.add(2, toBucket: 0)
        histogram.add(3, toBucket: 9)
        histogram.add(1, toBucket: DurationBuckets.count - 1)
        histogram.add(9, toBucket: DurationBuckets.count)
        histogram.add(9, toBucket: -1)
        histogram.microseconds = 1_000_001
        #expect(histogram.count == 6)
        var text = OpenMetricsText()
        text.family("d_seconds", .histogram, unit: "seconds", help: "Six.")
        text.histogram(histogram, [("loop", "0")])
        let lines = text.finished().split(separator: "\n")
        #expect(lines.dropFirst(3).first == #"d_seconds_bucket{loop="0",le="0.001"} 2"#)
        #expect(lines.dropFirst(11).first == #"d_seconds_bucket{loop="0",le="0.5"} 2"#)
        #expect(lines.dropFirst(12).first == #"d_seconds_bucket{loop="0",le="1.0"} 5"#)
        #expect(lines.dropFirst(15).first == #"d_seconds_bucket{loop="0",le="10.0"} 5"#)
        #expect(lines.dropFirst(16).first == #"d_seconds_bucket{loop="0",le="+Inf"} 6"#)
        #expect(lines.dropFirst(17).first == #"d_seconds_sum{loop="0"} 1.000001"#)
        #expect(lines.dropFirst(18).first == #"d_seconds_count{loop="0"} 6"#)
    }

    @Test func bucketsEndWhereTheySay() {
        #expect(DurationBuckets.index(ofMicroseconds: 0) == 0)
        for (index, bound) in DurationBuckets.bounds.enumerated() {
            #expect(DurationBuckets.index(ofMicroseconds: bound.microseconds) == index)
            #expect(DurationBuckets.index(ofMicroseconds: bound.microseconds + 1) == index + 1)
            #expect(Double(bound.seconds) == Double(bound.microseconds) / 1_000_000)
        }
        #expect(DurationBuckets.index(ofMicroseconds: .max) == DurationBuckets.count - 1)
    }
}

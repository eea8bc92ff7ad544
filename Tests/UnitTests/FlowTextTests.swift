import Foundation
import Ledger
import Reports
import TestSupport
import Testing

/// What is written of the flows for people.
@Suite struct FlowTextTests {
  @Test func `a code or an example finds the flows that book it, in any letters`() throws {
    let bonus = try #require(FlowText.text(of: "o15"))
    #expect(bonus.hasPrefix("O15   A referral or another event gives a bonus as cashback.\n"))
    #expect(bonus.contains("debit 5150 Bonus and referral cost, credit 2100 Cashback liability"))
    let partial = try #require(FlowText.text(of: "E15"))
    #expect(
      partial.hasPrefix("The worked example E15 is booked by:\nE6 ") && partial.contains("E15")
    )
    let two = try #require(FlowText.text(of: "S7"))
    #expect(two.contains("S7a ") && two.contains("\nS7b "))
    #expect(try #require(FlowText.text(of: "E12")).contains("freezes"))
    #expect(try #require(FlowText.text(of: "O4")).contains("\nO4c "))
    // Parts of one event that have other codes.
    #expect(try #require(FlowText.text(of: "M10b")).contains("\nM10d "))
    let netted = try #require(FlowText.text(of: "p14"))
    #expect(netted.hasPrefix("P14 ") && netted.contains("credit 2490 Net settlement clearing"))
    #expect(try #require(FlowText.text(of: "P6")).contains("\nP5 "))
    for code in FlowText.codes { #expect(FlowText.text(of: code) != nil, "\(code)") }
    #expect(FlowText.text(of: "E99") == nil && FlowText.text(of: "") == nil)
  }

  @Test func `help names every flow once, on lines that fit a screen`() throws {
    let lines = FlowText.list.split(separator: "\n")
    for flow in Flow.allCases {
      #expect(lines.filter { $0.hasSuffix(" \(flow.name)") }.count == 1, "\(flow.code)")
    }
    let all = try Flow.allCases.map { try #require(FlowText.text(of: $0.code)) }
      .joined(separator: "\n")
    for line in lines + all.split(separator: "\n") { #expect(line.count <= 110, "\(line)") }
  }

  @Test func `the document of flows is as the table makes it`() throws {
    let path = repository + "/Sources/FLOWS.md"
    if ProcessInfo.processInfo.environment["KVITT_RECORD"] != nil {
      try FlowText.document.write(toFile: path, atomically: true, encoding: .utf8)
    }
    let recorded = try String(contentsOfFile: path, encoding: .utf8)
    for flow in Flow.allCases { #expect(recorded.contains("\n### \(flow.code): "), "\(flow.code)") }
    #expect(recorded == FlowText.document, "FLOWS.md differs; KVITT_RECORD=1 records it anew")
  }
}

import Foundation
import Ledger
import TestSupport
import Testing

/// The one table of flows, and what follows from it.
@Suite struct FlowTests {
  @Test func `numbers and codes are unique, of flows and of entries`() {
    let codes = Flow.allCases.map(\.code)
    #expect(Set(codes).count == codes.count && codes.count == 86)
    for flow in Flow.allCases {
      #expect(Set(flow.examples).count == flow.examples.count, "\(flow.code)")
      #expect(!flow.examples.contains(flow.code), "\(flow.code)")
      #expect(flow.name.hasSuffix(".") && !flow.verb.isEmpty, "\(flow.code)")
    }
    #expect(Set(Flow.allCases.map(\.name)).count == codes.count)
    #expect(Set(codes).isDisjoint(with: EntryKind.allCases.map(\.rawValue)))
  }

  @Test func `flows are those that an auditor read out of the worked examples`() throws {
    let text = try String(
      contentsOfFile: repository + "/Tests/UnitTests/independent/flows.csv",
      encoding: .utf8
    )
    var seen: Set<String> = []
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let cells = line.split(separator: ";", omittingEmptySubsequences: false).map(String.init)
      let flow = try #require(Flow.allCases.first { $0.code == cells[0] })
      seen.insert(flow.code)
      let moved = { (measure: Measure) in
        flow.money.filter { $0.measure == measure }
          .map { "\($0.debit.rawValue)/\($0.credit.rawValue)" }.joined(separator: " ")
      }
      #expect(moved(.cost) == cells[1] && moved(.share) == cells[2], "\(line)")
      let units = flow.units.map { "\($0.from.rawValue)>\($0.to.rawValue)" } ?? ""
      #expect(units.replacing("unit.", with: "") == cells[3], "\(line)")
      let effect = flow.effect
      // Lots of miles are taken from by their own lines.
      let lot = effect == .takesMiles ? -1 : effect.lotSign
      #expect(effect.makesLot == (cells[4] == "new"), "\(line)")
      #expect(lot == (cells[4].hasSuffix("-") ? -1 : cells[4].hasSuffix("+") ? 1 : 0), "\(line)")
      #expect(effect.debtSign == (cells[5] == "+" ? 1 : cells[5] == "-" ? -1 : 0), "\(line)")
    }
    #expect(seen.count == Flow.allCases.count)
  }

  @Test func `every flow balances in money and moves a unit to somewhere else`() {
    for flow in Flow.allCases {
      for move in flow.money {
        #expect(move.debit != move.credit && move.debit.kind != .unit && move.credit.kind != .unit)
      }
      #expect(flow.legs.map(\.sign) == flow.money.flatMap { _ in [1, -1] })
      if let units = flow.units {
        #expect(units.from != units.to && units.from.kind == .unit && units.to.kind == .unit)
      }
    }
  }

  @Test func `units go where the effect says`() {
    for flow in Flow.allCases {
      let (from, to) = (flow.units?.from, flow.units?.to)
      switch flow.effect {
      case .opensLot, .givesBack: #expect(to == .unitOpen, "\(flow.code)")
      case .takesBack: #expect(from == .unitOpen && to == .unitIssued, "\(flow.code)")
      case .takes: #expect(from == .unitOpen, "\(flow.code)")
      case .takesBackAsDebt, .owes: #expect(from == .unitDebt, "\(flow.code)")
      case .forgives: #expect(to == .unitDebt, "\(flow.code)")
      case .offsets: #expect(from == .unitOpen && to == .unitDebt, "\(flow.code)")
      case .expires: #expect(from == .unitOpen && to == .unitExpired, "\(flow.code)")
      case .takesBackExpired: #expect(from == .unitExpired, "\(flow.code)")
      case .rejects: #expect(to == .unitRejected, "\(flow.code)")
      case .unrejects, .lapses: #expect(from == .unitRejected, "\(flow.code)")
      case .cheapens, .makesDearer, .shares, .unshares: #expect(flow.units == nil, "\(flow.code)")
      case .opensMiles: #expect(to == .unitOpen, "\(flow.code)")
      case .takesMiles, .nothing: break
      }
    }
  }

  @Test func `a share that a funder bears is billed, and every kind of line has its flows`() {
    for flow in Flow.allCases {
      let isFunded = flow.money.contains {
        $0.measure == .share && ($0.debit == .partnerFunding || $0.credit == .partnerFunding)
      }
      #expect(flow.sharesCost == isFunded, "\(flow.code)")
      guard let line = flow.line else { continue }
      let rises = line.direction == .toPartner
      let owed: Set<Account> = [.payableConfirmed, .receivableAccrued]
      for move in flow.money where move.measure == line.measure {
        let account = rises ? move.credit : move.debit
        #expect(owed.contains(account), "\(flow.code) settles on \(account)")
      }
      #expect((line.id == .ofRow) || line.kind == .ofRule || line.kind == .reversal)
    }
    for kind in SettledLine.Kind.allCases {
      #expect(Flow.allCases.contains { $0.line?.kind == kind }, "\(kind)")
    }
    for effect in Effect.allCases {
      #expect(!effect.words.isEmpty && Flow.allCases.contains { $0.effect == effect }, "\(effect)")
    }
    #expect(Set(Effect.allCases.map(\.words)).count == Effect.allCases.count)
  }

  @Test func `what feeds earn in bulk is what indexes of movements leave out`() {
    #expect(Flow.bulk.map(\.rawValue) == [1, 4, 10, 37])
  }
}

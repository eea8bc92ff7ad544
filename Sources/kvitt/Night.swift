import Civil
import Crypto
import Formats
import Foundation
import Intake
import Journal
import Ledger
import Reconciliation
import Redemption
import Settlement
import Signing

/// What a night did, for its closing lines.
struct NightReport {
  var lines: [String] = []
  var refusals: [Refusal] = []
  var statements: [StoredStatement] = []
  var proofs: [StoredProof] = []
  var rejects = 0
  var isNew = true
  var held = 0
  /// Uses that calls captured and no batch could post.
  var unposted = 0
}

/// One business date from inbox to proof.
///
/// Each step commits by itself under the run's fence and
/// does nothing the second time, so a night that died is simply started again.
struct Night {
  let books: Books
  private let workplace: Workplace
  let date: CivilDate
  private let key: SigningKey
  private let job = "nightly"
  /// Leaves that may stand alone before older ones are merged.
  private static let looseLeavesMax = 60

  init(books: Books, workplace: Workplace, date: CivilDate) throws {
    self.books = books
    self.workplace = workplace
    self.date = date
    try books.check(businessDate: date)
    key = try KeyFolder(path: workplace.keys).signingKey(on: date)
  }

  /// What the next run of this night works on.
  func day(_ terms: TermsInForce) -> BookDay {
    BookDay(books: books, terms: terms, date: date, recordedAt: .now())
  }

  /// Runs the night, or says that it was finished before.
  func run() throws -> NightReport {
    var report = NightReport()
    try books.take(.ingest)
    if try books.stepsDone(job, date).contains(where: { $0.step == "finished" }) {
      report.isNew = false
      return report
    }
    try OutboxGuard(books: books, outbox: workplace.outbox).pass(before: date)
    try begin()
    refuseNames(&report)
    let terms = try TermsInForce(books)
    try takeEvents(&report)
    try takeFeeds(terms, &report)
    try takeBaskets(terms, &report)
    // What calls captured must stand before the tills confirm it.
    try books.take(.settle)
    try postRedemptions(terms, &report)
    try books.take(.ingest)
    try takeTills(terms, &report)
    try books.take(.settle)
    try applyTerms(terms, &report)
    try takeAnswers(terms, &report)
    try takeBank(terms, &report)
    try applyDeadlines(terms, &report)
    try settle(terms, &report)
    let currencies = try CurrencyRun(day(terms)).run()
    if !currencies.text.isEmpty { report.lines.append("currencies: \(currencies.text)") }
    report.proofs = try Reconciler(
      books: books,
      directory: terms.directory,
      businessDate: date
    ).run()
    if try books.looseLeaves() > Night.looseLeavesMax { try books.compact(before: date) }
    try books.note(step: "finished", finished: true, "seal \(try books.newestSeal())")
    return report
  }

  /// Takes the run; a holder whose process is gone from this host is ended first.
  private func begin() throws {
    let host = ProcessInfo.processInfo.hostName
    let holder = "\(host) pid \(getpid())"
    do {
      try books.beginRun(job, date, holder: holder, at: .now())
    } catch let held as RunHeld {
      guard let other = try books.runHolder(job, date), other.hasPrefix("\(host) pid "),
        let pid = pid_t(other.dropFirst("\(host) pid ".count)), kill(pid, 0) != 0, errno == ESRCH
      else { throw held }
      try books.endHolder(job, date)
      try books.beginRun(job, date, holder: holder, at: .now())
    }
  }

  /// Cards that replace others must be known before their purchases come.
  private func takeEvents(_ report: inout NightReport) throws {
    for path in files("events", ending: ".csv") {
      do {
        let bytes = try InputFile(path: path, sizeMax: 1 << 28).contents()
        let events = try CardEventIntake(books: books, businessDate: date, recordedAt: .now())
          .take(bytes: bytes, name: baseName(path))
        report.rejects += events.rejects.count
        report.lines.append("events \(events.file.name): \(events.file.records) events")
        try archive(path)
      } catch let refusal as Refusal {
        report.refusals.append(refusal)
      }
    }
  }

  private func takeFeeds(_ terms: TermsInForce, _ report: inout NightReport) throws {
    for (name, profile) in terms.feeds.sorted(by: { $0.key < $1.key }) {
      let intake = FeedIntake(
        books: books,
        terms: terms,
        profile: profile,
        businessDate: date,
        recordedAt: .now(),
        tokenKeys: profile.format == .ipm ? try TokenKeys(path: workplace.keys).keys() : []
      )
      let retried = try intake.retry()
      if retried.posted + retried.failed.count > 0 {
        report.lines.append("feed \(name): \(retried.posted) corrected rows posted")
      }
      try takeFiles(of: profile, intake, &report)
      guard profile.isExpectedNightly else { continue }
      guard try books.takenFile(source: name, sequence: Int64(date.compact) ?? 0) != nil else {
        throw Refusal(.feedMissing, "no file of feed \(name) for \(date)")
      }
    }
  }

  /// Takes the files that wait, in the order of their names; one that must wait for the file
  /// before it stays, and so does a broken one of a feed that no night depends on.
  private func takeFiles(
    of profile: CardFeedProfile,
    _ intake: FeedIntake,
    _ report: inout NightReport
  ) throws {
    for path in files("feeds/\(profile.name)", ending: "")
    where ![".control", ".part"].contains(where: path.hasSuffix) && !isFolder(path) {
      do {
        let feed = try intake.take(path: path, control: controlText(of: path))
        report.rejects += feed.rejects.count
        report.lines.append(
          feed.outcome == .repeated
            ? "feed \(feed.file.name): already taken as F-\(feed.file.batch)"
            : "feed \(feed.file.name): \(feed.file.records) records, \(feed.rewards) reward rows"
        )
        try archive(path)
      } catch let refusal as Refusal {
        guard refusal.code == .sequenceGap || !profile.isExpectedNightly else { throw refusal }
        report.refusals.append(refusal)
      }
    }
  }

  private func postRedemptions(_ terms: TermsInForce, _ report: inout NightReport) throws {
    let done = try RedemptionRun(day(terms)).run()
    report.unposted += done.unposted
    if done.seal != nil || done.released + Int64(done.unposted) > 0 {
      report.lines.append("redemptions: \(done.text)")
    }
    let opened = try postOpenings(day(terms))
    if !opened.text.isEmpty { report.lines.append("opening: \(opened.text)") }
    let adjusted = try AdjustmentRun(day(terms)).run()
    if adjusted.posted > 0 { report.lines.append("adjustments: \(adjusted.posted) posted") }
    try payOut(terms, &report)
  }

  /// Takes the card system's answers, and pays out what calls captured of cashback.
  private func payOut(_ terms: TermsInForce, _ report: inout NightReport) throws {
    for path in files("card-system", ending: ".csv", prefix: "payout-answer-") {
      do {
        let answer = try PayoutAnswerIntake(day(terms)).take(
          bytes: InputFile(path: path, sizeMax: 1 << 28).contents(),
          name: baseName(path)
        )
        report.lines.append("pay-out answer \(answer.text)")
        try archive(path)
      } catch let refusal as Refusal {
        report.refusals.append(refusal)
      }
    }
    let paid = try PayoutRun(day(terms)).run()
    report.unposted += paid.unpaid
    if paid.seal != nil { report.lines.append("pay-out \(paid.text)") }
    if paid.unpaid > 0 { report.lines.append("pay-out: \(paid.unpaid) could not be paid") }
    try PayoutFiles(books: books, outbox: workplace.outbox)
      .write(signer: OutboxSigner(books: books, key: key))
  }

  private func takeTills(_ terms: TermsInForce, _ report: inout NightReport) throws {
    try takePartnerFiles("till-", terms, &report) { partner, name, bytes, _ in
      let till = try TillIntake(day(terms), partner: partner).take(bytes: bytes, name: name)
      return "till \(till.file.name): \(till.file.records) uses, \(till.breaks) breaks"
    }
  }

  private func takeBaskets(_ terms: TermsInForce, _ report: inout NightReport) throws {
    var rejects = 0
    try takePartnerFiles("basket-", terms, &report) { partner, name, bytes, _ in
      let taken = try BasketIntake(day(terms), partner: partner).take(bytes: bytes, name: name)
      rejects += taken.rejects.count
      return "baskets \(taken.file.name): \(taken.file.records), \(taken.rejects.count) not taken"
    }
    report.rejects += rejects
  }

  private func takeAnswers(_ terms: TermsInForce, _ report: inout NightReport) throws {
    try takePartnerFiles("answer-", terms, &report) { partner, name, bytes, signature in
      let answer = try AnswerIntake(day(terms), partner: partner).take(
        bytes: bytes,
        signature: signature,
        name: name
      )
      return "answer \(answer.number) to \(answer.statement): \(answer.accepted) accepted, "
        + "\(answer.rejected) not, \(answer.theirsOnly) theirs only"
    }
  }

  /// Takes every partner's files of a kind, each as `trusted` does.
  private func takePartnerFiles(
    _ prefix: String,
    _ terms: TermsInForce,
    _ report: inout NightReport,
    _ take: (PartnerEntry, _ name: String, _ bytes: [UInt8], _ signature: [UInt8]) throws -> String
  ) throws {
    for partner in terms.directory.partners {
      for path in files("partners/\(partner.code)", ending: ".csv", prefix: prefix) {
        try trusted(path, partner, &report) { try take(partner, baseName(path), $0, $1) }
      }
    }
  }

  /// Takes a partner's file once its signature is there and verifies; a refused file stays where
  /// it is and does not keep the night from settling the rest.
  private func trusted(
    _ path: String,
    _ partner: PartnerEntry,
    _ report: inout NightReport,
    _ take: (_ bytes: [UInt8], _ signature: [UInt8]) throws -> String
  ) throws {
    do {
      guard FileManager.default.fileExists(atPath: path + ".p7s") else {
        throw Refusal(.signatureMissing, "FILE.p7s is not here yet", at: Place(file: path))
      }
      let bytes = try InputFile(path: path, sizeMax: 1 << 28).contents()
      let signature = try InputFile(path: path + ".p7s", sizeMax: 65_536).contents()
      _ = try verifiedSigner(
        books: books,
        partner: partner,
        content: bytes,
        signature: signature,
        name: path,
        on: date
      )
      report.lines.append(try take(bytes, signature))
      try archive(path)
      try archive(path + ".p7s")
    } catch let refusal as Refusal {
      report.refusals.append(refusal)
    }
  }

  private func takeBank(_ terms: TermsInForce, _ report: inout NightReport) throws {
    for path in files("bank", ending: "") where !path.hasSuffix(".part") && !isFolder(path) {
      let intake = BankIntake(
        books: books,
        businessDate: date,
        recordedAt: .now(),
        reversals: terms.reversals
      )
      for bank in try intake.take(path: path, name: baseName(path)) {
        report.lines.append(
          "bank \(bank.currency) \(bank.sequence): \(bank.lines) lines, "
            + "\(bank.unmatched) unknown"
        )
      }
      try archive(path)
    }
  }

  private func applyDeadlines(_ terms: TermsInForce, _ report: inout NightReport) throws {
    let done = try Deadlines(day(terms)).apply()
    if done.accepted + done.refiled + done.lapsed > 0 {
      report.lines.append(
        "deadlines: \(done.accepted) accepted, \(done.refiled) filed again, \(done.lapsed) lapsed"
      )
    }
  }

  private func settle(_ terms: TermsInForce, _ report: inout NightReport) throws {
    let desk = SettlementDesk(books: books, terms: terms)
    let planned: String
    if let settled = try books.settledPlan(on: date) {
      planned = settled
    } else {
      let prepaid = try PrepaidRun(day(terms)).run()
      if !prepaid.text.isEmpty { report.lines.append("prepaid miles: \(prepaid.text)") }
      let filed = try FilingRun(day(terms)).run()
      if filed.lines > 0 { report.lines.append("owed on filing: \(filed.lines) lines") }
      let plan = try desk.plan(date, mode: .standing)
      report.held = plan.positions.count { $0.action == .hold }
      planned = plan.id
    }
    let run = try desk.run(storedPlan(planned, books), recordedAt: .now())
    report.statements = run.statements
    let signer = OutboxSigner(books: books, key: key)
    let (directory, outbox) = (terms.directory, workplace.outbox)
    let files = StatementFiles(books: books, directory: directory, outbox: outbox)
    for statement in run.statements { try files.write(statement, signer: signer) }
    try OrderFiles(books: books, directory: directory, outbox: outbox)
      .write(run.statements, signer: signer)
  }

  /// Files of an inbox folder that belong to this business date or an earlier one.
  private func files(_ folder: String, ending: String, prefix: String = "") -> [String] {
    let path = workplace.inbox + "/" + folder
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return names.filter { name in
      name.hasSuffix(ending) && name.hasPrefix(prefix) && nameRefusal(name) == nil
        && day(of: name).map { $0 <= date } ?? true
    }.sorted().map { path + "/" + $0 }
  }

  /// Tells files whose names kvitt does not open; they stay where they are.
  private func refuseNames(_ report: inout NightReport) {
    let names = FileManager.default.enumerator(atPath: workplace.inbox)?.allObjects ?? []
    for case let path as String in names.sorted(by: { "\($0)" < "\($1)" }) {
      guard !path.split(separator: "/").contains("taken"),
        let refusal = nameRefusal("\(workplace.inbox)/\(path)")
      else { continue }
      report.refusals.append(refusal)
    }
  }

  private func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && isFolder.boolValue
  }

  /// The date that stands as eight digits in a file name.
  private func day(of name: String) -> CivilDate? {
    let runs = name.split(whereSeparator: { !$0.isNumber }).map(String.init)
      .filter { $0.count == 8 }
    guard let digits = runs.last else { return nil }
    return CivilDate("\(digits.prefix(4))-\(digits.dropFirst(4).prefix(2))-\(digits.suffix(2))")
  }

  /// The file's name without its folder: what seals and books carry is free of places.
  private func baseName(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  /// Moves a taken file aside; a crash before this only makes it a repeat tomorrow.
  private func archive(_ path: String) throws {
    let folder =
      path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
      .joined(separator: "/") + "/taken"
    try makeFolder(folder)
    guard rename(path, folder + "/" + baseName(path)) == 0 else {
      throw Refusal(.cannotWrite, "cannot move \(path) into taken/")
    }
  }
}

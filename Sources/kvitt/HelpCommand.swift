import ArgumentParser
import Formats
import Reports

/// Topics and codes.
struct HelpCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "help",
    abstract: "Help for a topic or an error code.",
    discussion:
      "Example: kvitt help exit-codes, kvitt help KV-ING-014, kvitt help flows, kvitt help E15"
  )

  @Argument(help: "Topic, error code, code of a flow or of a worked example, or command.")
  var topic: [String] = []

  func run() async throws {
    guard let word = topic.first else {
      say(Kvitt.helpMessage())
      return
    }
    if let command = command(topic) {
      say(Kvitt.helpMessage(for: command))
      return
    }
    guard topic.count == 1 else {
      throw Refusal(
        .usage,
        "\"\(escaped(topic.joined(separator: " ")))\" is no command",
        hint: "one topic or code at a time, or the words of a command"
      )
    }
    if let code = ErrorCode(rawValue: word.uppercased()) {
      say("\(code.rawValue): \(code.cause).")
      say("What to do: \(code.fix).")
      say("Exit code: \(code.exit.rawValue).")
      return
    }
    if let text = HelpTopics.all[word.lowercased()] ?? FlowText.text(of: word) {
      say(text)
      return
    }
    throw unknown(
      "topic",
      word,
      HelpTopics.all.keys.sorted() + ErrorCode.allCases.map(\.rawValue) + FlowText.codes
    )
  }

  /// The command that words lead to, nil where they lead to none.
  private func command(_ words: [String]) -> (any ParsableCommand.Type)? {
    var found: any ParsableCommand.Type = Kvitt.self
    for word in words {
      guard let next = found.configuration.subcommands.first(where: { $0.word == word }) else {
        return nil
      }
      found = next
    }
    return found
  }
}

/// Texts of `kvitt help TOPIC`.
enum HelpTopics {
  static let all: [String: String] = [
    "exit-codes": """
    0   ok: done, or already done with the same inputs
    1   failed: unexpected; the open step was rolled back
    10  findings: finished; breaks, quarantined rows or warnings need a person
    11  work: the plan is not empty (only with --detailed-exitcode)
    12  partial: some partners or files done, others held or refused
    20  invariant: control total or ledger check failed; nothing was written
    21  untrusted: signature, digest or key is not valid
    22  stale: plan or approval is out of date
    23  conflict: same date, file or id already done with other content
    24  approval: needs a second person
    64  usage: bad command line, or a name that does not exist
    65  rejected: the whole file was refused; 66 no input: it is missing
    69  unavailable: the database cannot be reached; 75 try later
    73  cannot write; 78 configuration
    An unknown code is a failure.
    """,
    "feeds": """
    A profile says how a bank writes; what it leaves out is as in kvitt's own CSV: a header row,
    amounts as digits in minor units, times with an offset. Columns: Schemas/cards.schema.json.
      feed, version        name and number; loaded by kvitt partner terms apply
      format               csv, ndjson, ipm or camt encoding    utf-8, latin-1 or utf-16
      delimiter, header    ; , | or tab; header none makes columns numbers from 1
      marks                head, row, trailer letters; fields of the trailer: records, debit, credit
      columns, defaults    kvitt column: name, list of names, number, JSON path, or path of
                           elements below a camt statement (…Amt.@Ccy); fixed values
      rows                 path of an array whose elements are the records (ndjson)
      types                code: purchase, refund, second_presentment, chargeback, dispute_opened,
                           dispute_won, dispute_lost, provisional_credit, fee, cash, adjustment;
                           with "reversal" after it, or skip
      amounts              minor, padded-minor, decimal or decimal-comma
      sign                 unsigned, debit-negative or debit-positive
      currency             letters, lower-letters or numbers
      times, zone          iso, unix, compact, local, european or short-year; the cardholder's zone
      identity             columns that make a record the same record; count for equal rows
      reversal_names       reference or original    sequence_gaps    accept or hold
      reversal_mark        own or original: what the mark of a reversed camt entry says
      categories           feed, or directory: from kvitt reference import merchants
      trailer              required, optional or none
      unreadable_amount    refuse or post-rest      arrival          nightly or any
      numeric_references   true where references and merchant ids are numbers of 13 to 19 digits by design.
                           Else a row is quarantined (KV-ING-023) whose id reads as a card number: prefix
                           and length of a scheme, and Luhn's digit, as 35 in 1,000 numbers of 16 digits do
    Control rows of kvitt CSV close the file, or stand in FILE.control:
      #total;EUR;records;debit;credit    per billing currency
      #end;records;sequence
    and of kvitt NDJSON: {"control":"total","currency":…,"records":…,"debit":…,"credit":…} and
    {"control":"end","records":…,"sequence":…}.
    """,
    "agreements": """
    An agreement is a version of a programme's terms: agreement, version, programme, currency,
    valid_from, exclude_mcc, and rules. A purchase earns under every rule that is for it.
      name, reward, unit   cashback, credit, miles, points, status, stamps, voucher or benefit, and
                           the code of its unit
      rate                 3 %, 15 per full 100.00, 15 per 100.00 (in proportion), 5.00 flat;
                           marginal or whole, with steps: - {from: 0.00, rate: 1 %}
      per                  month, year or campaign: only what they add up to earns, at a rate like
                           50.00 at 1000.00 spend, 5.00 every 100.00 spend, 3.00 every 10 purchases,
                           or with steps; a refund takes back what is no longer reached
      rounding             half-up, half-even or down
      base                 billed, or without-markup
      minimum              amount that must stand of a purchase, after refunds
      merchants            list of ids; merchants_of: a partner, by the merchant directory
      mcc                  0742, 3000-3299      countries, currencies, channels, weekdays (Mon …)
      goods                codes of items or categories: only what was paid for them earns, once a
                           retailer's basket file says it; refunds take back in proportion
      from, through        days of the purchase
      monthly_cap, yearly_cap, campaign_cap
                           one of them: 25.00 of reward, 200000.00 spend, or of a flat rate
                           3 times; net of refunds. Periods go on under a next version that does not
                           change what they are worth, and begin anew under one that does
      contract_cap         most that all members together get; what does not fit whole is not given
      monthly_floor        least reward of a month in which anything is earned
      joined_within        90 days: from the day that kvitt member import told
      tiers                names of tiers; chosen: one of the agreement's choices
      products             products of cards, as kvitt member import told them: gold, store
      audience             code of an offer (kvitt member offer)
      standing             good: days on which the account was out of it, as kvitt member events
                           told at any time, earn and keep nothing
      for                  of a voucher: 10 coffee, so many stamps of the rule coffee
      grant                of a benefit: 4 per year, or per month; each use costs its price
      on                   of cashback at a flat rate: joined, an event of kvitt member event, or
                           referral (both sides; clawback_days: 30 where the friend closes)
      pending_days         from purchase to availability
      expires              24 months or 730 days from purchase, either with "to month-end" or
                           "to year-end", or on 2027-12-31; the last day counts whole
      expired_share        keep, or return: whether the partner gets its share back
      charge               of points: what the partner charges for one that is used, 0.0089
      offline              refuse, or owe: whether credit that a till took offline above the balance
                           becomes a debt of the member
      late_days            of credit: days after the end of a hold that ran out in which a till may
                           still say that it was used; what is no longer there is owed
      restored_days        days for which what comes back after a lot's last day can be used
      partner              with partner_pays: 75 % (cashback), reimbursed_at: 80 % (credit),
                           price: 0.0085 (miles, also 0.0074 EUR; expected cost of a point, cost of a
                           stamp, of a voucher: all its stamps, of a benefit: a use)
      budget               most that the partner pays in all; overflow: issuer (pays the rest), or stop
      sponsors             - {partner: NVA, pays: 25 %, budget: 500.00}, beside partner_pays
      funded_at            earning, availability or redemption (pay-out): when the shares exist
      written_off          issuer, or share: the partner bears its part of debts that are written off
      breakage_share       of credit: 50 %, the partner's part of what expires
      convert              of miles: 3 PT.NB to 2, own points that members turn into them
    choices: [cashback, miles]   between which members choose; who never chose has the first
    tiers: by (a rule with a month or a year), window (year, or 12 months), grace_days, and
      levels: - {name: gold, from: 50000}   in what the rule sums; the night tests them
    amends: prices_from (a day: miles bought since then by older versions cost this version's price),
      open_lots: keep or move (open store credit of older versions, to this reimbursed_at)
    closing: after_days, pay_out (cashback that goes to the closed account once more), forfeit (units
      that end), debts: keep or write-off
    catalogue: - {item: MUG-1, points: 1200 PT.NB, supplier: LUM, charge: 9.50, through: 2027-12-31}
      goods that points buy; the supplier's charge goes to it with the next statement
    redenominate: - {from: PT.OLD, into: PT.NEW, give: 10}: from this version on one old point of every
      member is so many new ones, with its cost and its end
    examples: purchases with what they earn, tried whenever the file is read:
      - {amount: 100.00, mcc: 5411, stands: 33.34, earns: {base: 0.33}}
      also paid (own currency), in, markup, merchant, merchant_of, country, channel, date,
      goods: {milk: 12.50}, before: {RULE: what its period had},
      member: {joined, tier, product, choice, audiences, standing}
    kvitt explain prints each rule as a sentence made from the rule itself;
    kvitt reward simulate replays real purchases under a draft.
    """,
    "flows": FlowText.list,
    "dates": """
    Event date: when it happened. Booking date: the period it belongs to. Recorded at: when the
    books learnt it. Settlement date: from the partner's calendar, stamped at posting.
    """,
    "signs": """
    Screens: + we owe the partner, - the partner owes us. Accounts: debit positive.
    Partner files: unsigned amounts with a direction, to_partner or to_issuer.
    """,
    "ledger-check": """
    kvitt ledger check names leaf, block, entry, account, or table and key. A block holds 1,024 rows
    in seq order. Facts are the rows of tables that are only added to: each is digested as it is
    written, and the next seal covers the digest.
    Stop posting, keep the database as it is, compare with the last backup, and compare the
    manifests that your partners hold: their ledger seals are the published heads of the book.
    Outside, because nothing is booked from it or a seal must not depend on it:
      what was written after the last seal    until the next one; an administrator can change both sides
      holds that no batch has posted          calls change them by the minute
      spendable, month_sum                    caches; an empty one is filled again
      run                                     who holds a run: it ends with the night
      instants of the server's clock          recorded_at, noted_at, asked_at, held_at, until, ended_at
    Schema, chart, currencies and flows are compared at every connection, and refused with 78.
    """,
    "restored-books": """
    Books that were put back to an earlier day do not know what they issued since. They would give
    its numbers to something else, while partners hold the signed files. So a night, kvitt settle run
    and kvitt reward payout compare the outbox first, and end with 23 before anything is written:
      the outbox holds what the books never issued, or its newest manifests name other seals
      the outbox holds nothing of what the books issued
    The way on, in this order:
      1. put back newer books: the newest backup and the database's log up to its end
      2. books and outbox of two installations: let --home and --db name those that belong together
      3. an outbox that was moved: move it back; where it is lost, kvitt statement render NUMBER writes
         the newest statement of each partner again, the same bytes and the first signature
      4. where no newer books exist: agree with each partner that what is named is void, move its folder
         out of the outbox, keep it, and start the night again
    """,
  ]
}

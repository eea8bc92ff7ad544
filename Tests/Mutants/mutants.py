#!/usr/bin/env python3
"""Plants one defect at a time in a copy of the code and says which tests catch it.

    Tests/Mutants/mutants.py COPY [NUMBER ...]

COPY is a folder for the copy; it is made anew and kept, so that a second run builds faster. Ends
with 1 where a defect is not caught, or where the code no longer holds the text to change.
"""
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

# What is planted, the file, the text that is there, the text that takes its place, and the suites
# that must fail.
DEFECTS = [
    ("repeated records are posted again",
     "Schemas/functions/leaves/seal_leaf.sql",
     "IF EXISTS (SELECT FROM kvitt.find_repeats(p_batch, 1)) THEN",
     "IF false AND EXISTS (SELECT FROM kvitt.find_repeats(p_batch, 1)) THEN",
     "FeedMeaningTests"),
    ("the night is noted as finished before its work",
     "Sources/kvitt/Night.swift",
     "    let terms = try TermsInForce(books)\n    try takeEvents(&report)",
     "    let terms = try TermsInForce(books)\n"
     "    try books.note(step: \"finished\", finished: true, \"early\")\n"
     "    try takeEvents(&report)",
     "KillCampaign"),
    ("stated sums are not compared",
     "Sources/Formats/FeedSummary.swift",
     "    ] where ours != theirs {",
     "    ] where ours != theirs && ours < 0 {",
     "FeedProfileTests|FeedMatrixTests"),
    ("stated counts are not compared",
     "Sources/Formats/FeedSummary.swift",
     "    guard statedRecords == records else {",
     "    guard statedRecords == records || records > 0 else {",
     "FeedProfileTests|FeedMatrixTests"),
    ("a funder's share is not taken back",
     "Sources/Rewards/Accrual.swift",
     "try share(of: booked.cost + cost, after: booked) - booked.share",
     "max(0, try share(of: booked.cost + cost, after: booked) - booked.share)",
     "RewardsTests"),
    ("a cap is forgotten",
     "Sources/Rewards/EarnRule.swift",
     "return min(cap, next) - min(cap, sum)",
     "return change + 0 * cap * next",
     "RewardsTests|EarnRateTests"),
    ("half is rounded down",
     "Sources/Ledger/ExactDecimal.swift",
     "case .halfUp: twice >= divisor.magnitude",
     "case .halfUp: twice > divisor.magnitude",
     "RewardsTests|EarnRateTests"),
    ("a DOCTYPE is taken",
     "Sources/Formats/XMLStream.swift",
     "in lend(user) { $0.refuseDoctype() } }",
     "in lend(user) { _ in } }",
     "BankFileTests"),
    ("the database does not compare the totals that it is brought",
     "Schemas/functions/leaves/check_leaf.sql",
     "    (TABLE ours EXCEPT TABLE brought) UNION ALL (TABLE brought EXCEPT TABLE ours)",
     "    SELECT * FROM ours WHERE false",
     "PrivilegeTests"),
    ("an answer counts although its signature proves other bytes",
     "Sources/Signing/Verification.swift",
     "  guard CMS_verify(cms, nil, store, data.raw, nil, UInt32(CMS_BINARY)) == 1 else {",
     "  guard CMS_verify(cms, nil, store, data.raw, nil, UInt32(CMS_BINARY)) > -2 else {",
     "AnswerTests"),
    ("a card number passes as a token",
     "Sources/Formats/RecordBuilder.swift",
     "    guard carriesCards || !holdsCardNumber(slots[.token]) else {",
     "    guard carriesCards || slots[.token].count < 99 else {",
     "FeedMatrixTests"),
    ("a feed that was overtaken is sealed",
     "Schemas/functions/leaves/seal_leaf.sql",
     "     WHERE own.batch_id = p_batch AND s.seal_no > p_base_seal",
     "     WHERE own.batch_id = p_batch AND s.seal_no > p_base_seal AND false",
     "MonthSumTests"),
    ("a call may use more than there is",
     "Schemas/functions/redemption/hold.sql",
     "     AND quantity >= p_quantity RETURNING quantity INTO rest;",
     "     RETURNING quantity INTO rest;",
     "RedemptionMeaningTests"),
    ("a newer seal does not outdate what a member could use",
     "Schemas/functions/redemption/hold.sql",
     "AND day = p_day AND seal_no = v_seal\n",
     "AND day = p_day\n",
     "RedemptionMeaningTests"),
    ("a refund takes what a hold keeps",
     "Sources/Intake/Clawback.swift",
     "      holdings[member]?.reserve(holds)\n",
     "      _ = (member, holds)\n",
     "RedemptionMeaningTests"),
    ("a budget is spent by two feeds at once",
     "Schemas/functions/settlement/spend_budget.sql",
     "IF p_spent > 0 AND v_used + p_spent - p_returned > p_limit THEN",
     "IF false AND v_used + p_spent - p_returned > p_limit THEN",
     "FundingMeaningTests"),
    ("a threshold counts as reached by the first purchase",
     "Sources/Rewards/EarnPeriod.swift",
     "return sum >= least ? quantity : 0",
     "return sum >= min(1, least) ? quantity : 0",
     "EarnRateTests|RewardOracleTests"),
    ("a bonus is given again",
     "Sources/Intake/Bonuses.swift",
     "      !given.contains(",
     "      given.count < 0 || $0.event.isEmpty || !given.isEmpty || !given.contains(",
     "AwardMeaningTests"),
    ("a day out of good standing keeps its reward",
     "Sources/Intake/Clawback.swift",
     "remaining: rule.rule.members.keeps(standing, on: facts.date) ? remaining : 0,",
     "remaining: remaining,",
     "StandingTests"),
    ("a period begins anew with every version",
     "Sources/Intake/PeriodVersions.swift",
     "before.last.map { bound.rule.continues($0.rule) } ?? false",
     "before.last.map { bound.rule.continues($0.rule) && key.rule == 0 } ?? false",
     "VersionTests"),
    ("what the partner rejects stays owed",
     "Settlement/OutcomePosting.swift",
     "isOwed ? .rejectFiled : .rejectMiles",
     "isOwed ? .rejectMiles : .rejectMiles",
     "MileFlowTests"),
    ("redenominated points lose what they cost",
     "Sources/Intake/LotMove.swift",
     "(scaled(part.quantity, by: target.factor, over: 1, .down), part.cost),",
     "(scaled(part.quantity, by: target.factor, over: 1, .down), part.cost / target.factor),",
     "RedenominationTests"),
    ("what the partner rejects stays reserved of miles bought ahead",
     "Settlement/OutcomePosting.swift",
     "      if isPrepaid { prepaid.giveBack(rest, of: line.lot) }",
     "      if isPrepaid, rest < 0 { prepaid.giveBack(rest, of: line.lot) }",
     "PrepaidTests"),
    ("miles bought ahead are drawn beyond their month",
     "Sources/Journal/PrepaidQueries.swift",
     "    min(room, purchase.monthMax.map { $0 - monthUsed } ?? room)",
     "    room",
     "PrepaidTests"),
    ("new rewards do not pay what members owe",
     "Sources/Intake/Earning.swift",
     "if let offset = try debts.offset(row, lot: lot) { try leaf.add(offset) }",
     "if let offset = try debts.offset(row, lot: lot), offset.quantity < 0 { try leaf.add(offset) }",
     "RewardOracleTests"),
    ("a partner settles in another currency than its rules cost",
     "Sources/kvitt/TermsCommand.swift",
     "guard let other = partners[code], other != currency else { continue }",
     "guard let other = partners[code], other != currency, code.isEmpty else { continue }",
     "CurrencyTests"),
    ("costs in another currency are converted by the rate upside down",
     "Sources/Intake/CurrencyRun.swift",
     "      one: one.perEuro,\n      other: other.perEuro,",
     "      one: other.perEuro,\n      other: one.perEuro,",
     "CurrencyTests"),
    ("a balance is written back that was read without a lock",
     "Schemas/functions/redemption/hold.sql",
     "p_unit\n      FOR NO KEY UPDATE;",
     "p_unit;",
     "RedemptionRaceTests"),
    ("what a file took back is forgotten where it takes back again",
     "Sources/Intake/Clawback.swift",
     "if movedAfter == nil { movedAfter = leaf.rewardCount }",
     "if movedAfter == nil { movedAfter = nil }",
     "FeedOrderTests"),
    ("a key counts as read where it only begins like the likely one",
     "Sources/Formats/JSONScanner.swift",
     "text[offset + name.count + 1] == 0x22,",
     "text[offset + name.count + 1] != 0x00,",
     "FeedMatrixTests"),
    ("a feed's identity leaves out what it names",
     "Sources/Intake/RecordKeys.swift",
     "case .approval: notes.approval.description",
     "case .approval: \"\"",
     "RecordNotesTests"),
    ("books of another schema are opened",
     "Sources/Journal/Books.swift",
     "if let refusal = try Schema.current.compared(with: connection).refusal { throw refusal }",
     "_ = try Schema.current.compared(with: connection).refusal",
     "SchemaRefusalTests"),
    ("what a constraint says is not compared",
     "Sources/Journal/Schema/Catalogue.swift",
     "md5(concat_ws('|', pg_get_constraintdef(c.oid), c.convalidated))",
     "md5(concat_ws('|', c.contype, c.convalidated))",
     "SchemaRefusalTests"),
    ("a version is compared as a text",
     "Sources/Journal/Schema/SchemaComparison.swift",
     "if Version(text.version) > Version(version) {",
     "if text.version > version {",
     "SchemaTextTests"),
    ("a migration commits what a change lost",
     "Sources/Journal/Schema/SchemaMigration.swift",
     "      guard strays.isEmpty else {",
     "      guard strays.isEmpty || !strays.isEmpty else {",
     "SchemaTextTests"),
    ("a flow debits another account",
     "Sources/Ledger/Flows/PointFlows.swift",
     "money: [.cost(.clawbackReceivable, .stampCost)],",
     "money: [.cost(.clawbackReceivable, .pointsCost)],",
     "FlowTests"),
    ("what is forgiven does not raise a balance",
     "Sources/Ledger/Flows/Effect.swift",
     "    case .opensLot, .opensMiles, .givesBack, .forgives: 1\n",
     "    case .opensLot, .opensMiles, .givesBack: 1\n    case .forgives: 0\n",
     "FlowTests|DebtMeaningTests|AdjustmentTests"),
    ("an unknown word of the books reads as another",
     "Sources/Journal/RowValues.swift",
     "    default: throw unreadable(column, \"0 or 1\")",
     "    default: return true",
     "UnknownValueTests"),
    ("everybody may call a function",
     "Schemas/tables/00_schema.sql",
     "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;",
     "",
     "PrivilegeTests"),
    ("a right stays when its line goes",
     "Sources/Journal/Schema/Rights.swift",
     "let everybody = ([\"PUBLIC\"] + roles).joined(separator: \", \")",
     "let everybody = ([\"PUBLIC\"] + roles.prefix(0)).joined(separator: \", \")",
     "RightsTests"),
    ("a batch carries any entry",
     "Schemas/functions/leaves/post_entries.sql",
     "FROM leg WHERE (p_kind, code, account) NOT IN (TABLE kvitt.batch_entry) LIMIT 1),",
     "FROM leg WHERE false LIMIT 1),",
     "JobAttackTests"),
    ("a seal vouches for anything",
     "Schemas/functions/leaves/seal_leaf.sql",
     "WHERE (v_kind.kind, a->>0) NOT IN (TABLE kvitt.batch_attachment)) THEN",
     "WHERE false) THEN",
     "JobAttackTests"),
    ("a job opens batches of another job",
     "Schemas/functions/leaves/check_batch_role.sql",
     "WHERE kind = p_kind AND pg_has_role(kvitt.acting_role(), role, 'USAGE')) THEN",
     "WHERE kind = p_kind) THEN",
     "JobAttackTests"),
    ("a date is finished before it is settled",
     "Schemas/functions/runs/note_step.sql",
     "  IF p_state = 'finished' AND NOT (",
     "  IF false AND NOT (",
     "JobAttackTests"),
    ("a plan's amounts are not compared with the books",
     "Schemas/functions/settlement/begin_settlement.sql",
     "         IS DISTINCT FROM (b.sequence, b.opening, b.to_partner, b.to_issuer, b.paid, b.slices)",
     "         IS DISTINCT FROM (b.sequence, b.opening, p.to_partner, p.to_issuer, p.paid, b.slices)",
     "SettlementAttackTests"),
    ("a limit does not count what is ordered",
     "Schemas/functions/settlement/begin_settlement.sql",
     "            AND s.to_partner_minor >= greatest(p.to_partner, p.ordered)",
     "            AND s.to_partner_minor >= p.to_partner",
     "SettlementAttackTests"),
    ("a standing approval pays to any account",
     "Schemas/functions/settlement/begin_settlement.sql",
     "s.currency = p.currency AND s.account = p.account",
     "s.currency = p.currency",
     "SettlementAttackTests"),
    ("a standing approval outlives the terms that it was given for",
     "Schemas/views/standing_in_force.sql",
     " WHERE f.terms = s.terms_digest AND f.signers = s.signers_digest",
     " WHERE f.signers = s.signers_digest",
     "SettlementAttackTests"),
    ("a card number in an id of a feed is kept",
     "Sources/Formats/RecordBuilder.swift",
     "    guard mayKeep(field) else {",
     "    guard field.isSendersID else {",
     "CardNumberTests"),
    ("card numbers are masked in the shortest length that fits",
     "Sources/Formats/CardNumbers.swift",
     "  schemeLengths(digits).last {",
     "  schemeLengths(digits).first {",
     "CardNumberTests|CardNumberFileTests"),
    ("a bank's reference is kept whatever it is",
     "Sources/Formats/BankStatement.swift",
     "  isID(text) && !holdsCardNumber(text) ? text : nil",
     "  isID(text) ? text : nil",
     "CardNumberFileTests"),
    ("a cell of a table is shown as it came",
     "Sources/Reports/Table.swift",
     "    case .text(let text): escaped(text)\n",
     "    case .text(let text): text\n",
     "ShownTextTests"),
    ("a mistyped folder becomes an installation",
     "Sources/kvitt/Workplace.swift",
     "      guard cluster.isMade else {",
     "      guard !folder.isEmpty else {",
     "SurroundingsTests"),
    ("a key signs after its last day",
     "Settlement/KeyFolder.swift",
     "validity.to > endOfDay(date) else {",
     "validity.to > 0 else {",
     "SurroundingsTests"),
    ("JSON is glued from texts",
     "Sources/Formats/Statement.swift",
     "      text += JSONValue.members(fields.map { .init(name: $0, value: .text($1)) }).text + \"\\n\"\n",
     "      text += \"{\" + fields.map { \"\\\"\\($0)\\\":\\\"\\($1)\\\"\" }.joined(separator: \",\") + \"}\\n\"\n",
     "HouseTests"),
    ("the check does not look at one table's facts",
     "Schemas/functions/leaves/fact_sources.sql",
     "    ('payment_order', 'id', 'id, statement_id, partner, currency, amount_minor, pay_on, account,\n      reference'),\n",
     "    ('payment_order', 'id', 'id'),\n",
     "TamperWalkTests"),
    ("one person enrols a certificate",
     "Schemas/views/signer_in_force.sql",
     "  FROM kvitt.signer s JOIN kvitt.signer_decision d USING (partner, fingerprint)",
     "  FROM kvitt.signer s",
     "SignerTests"),
    ("entries of the bank stand with nothing behind them",
     "Sources/Journal/Check/EntrySources.swift",
     "for legs in [settlementLegs, bankLegs, estimateLegs] {",
     "for legs in [settlementLegs, estimateLegs] {", "JobAttackTests"),
    ("the rates of an entry are not looked up",
     "Sources/Intake/CurrencyAudit.swift",
     "for rate in named where try !stands(",
     "for rate in named.prefix(0) where try !stands(", "JobAttackTests"),
]


def run(command, folder, log):
    with open(log, "a") as out:
        return subprocess.run(command, cwd=folder, stdout=out, stderr=out).returncode


def main():
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit("usage: mutants.py FOLDER [NUMBER ...]")
    copy = pathlib.Path(sys.argv[1]).resolve()
    wanted = [int(word) for word in sys.argv[2:]] or range(1, len(DEFECTS) + 1)
    # Before hours of building, not after.
    for number in wanted:
        _, file, old, _, _ = DEFECTS[number - 1]
        if (ROOT / file).read_text().count(old) != 1:
            sys.exit(f"mutants: {file} does not hold once what defect {number} changes")
    copy.mkdir(parents=True, exist_ok=True)
    kept = {".build", ".git", "mutants.log"}
    for old in copy.iterdir():
        if old.name not in kept:
            shutil.rmtree(old) if old.is_dir() else old.unlink()
    for new in ROOT.iterdir():
        if new.name not in kept:
            target = copy / new.name
            shutil.copytree(new, target) if new.is_dir() else shutil.copy2(new, target)
    python = copy / ".build" / "python"
    if not python.exists() and (ROOT / ".build" / "python").exists():
        python.parent.mkdir(exist_ok=True)
        python.symlink_to(ROOT / ".build" / "python")
    log = copy / "mutants.log"
    log.write_text("")
    build = ["swift", "build", "-c", "release", "--build-tests"]
    if run(build, copy, log):
        sys.exit(f"mutants: the unchanged code does not build, see {log}")
    missed = 0
    for number in wanted:
        name, file, old, new, suites = DEFECTS[number - 1]
        path = copy / file
        text = path.read_text()
        path.write_text(text.replace(old, new))
        tests = ["swift", "test", "-c", "release", "--skip-build", "--no-parallel", "--filter", suites]
        if run(build, copy, log):
            sys.exit(f"mutants: defect {number} does not build, see {log}")
        caught = run(tests, copy, log) != 0
        path.write_text(text)
        missed += not caught
        print(f"mutant {number:2}: {name}: {'caught by ' + suites if caught else 'NOT CAUGHT'}",
              flush=True)
    print(f"mutants: {len(list(wanted)) - missed} of {len(list(wanted))} caught")
    sys.exit(1 if missed else 0)


main()

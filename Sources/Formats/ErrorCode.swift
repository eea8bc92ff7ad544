/// Every code that kvitt refuses with: cause and cure stand here and in `kvitt help CODE`.
package enum ErrorCode: String, Sendable, CaseIterable {
  case fileUnreadable = "KV-ING-001"
  case headerColumn = "KV-ING-002"
  case trailerMissing = "KV-ING-003"
  case controlTotal = "KV-ING-004"
  case fieldCount = "KV-ING-005"
  case badText = "KV-ING-006"
  case badType = "KV-ING-010"
  case badReference = "KV-ING-011"
  case badToken = "KV-ING-012"
  case unknownCard = "KV-ING-013"
  case badAmount = "KV-ING-014"
  case badCurrency = "KV-ING-015"
  case badCategory = "KV-ING-016"
  case badMerchant = "KV-ING-017"
  case badTime = "KV-ING-018"
  case recordConflict = "KV-ING-019"
  case fileConflict = "KV-ING-020"
  case sequenceGap = "KV-ING-021"
  case badFrame = "KV-ING-022"
  case cardNumber = "KV-ING-023"
  case numberTaken = "KV-ING-024"
  case badRecord = "KV-FMT-001"
  case badTrailer = "KV-FMT-002"
  case totalsDiffer = "KV-FMT-003"
  case signatureMissing = "KV-SIG-001"
  case signatureBad = "KV-SIG-002"
  case signerUnknown = "KV-SIG-003"
  case digestDiffers = "KV-SIG-004"
  case continuityBroken = "KV-SIG-005"
  case keyProblem = "KV-SIG-006"
  case answerReplayed = "KV-ANS-001"
  case answerMismatch = "KV-ANS-002"
  case termsInvalid = "KV-TRM-001"
  case termsMissing = "KV-TRM-002"
  case calendarEnds = "KV-TRM-003"
  case balanceShort = "KV-RDM-001"
  case keyReused = "KV-RDM-002"
  case holdEnded = "KV-RDM-003"
  case planStale = "KV-SET-001"
  case approvalMissing = "KV-SET-002"
  case planUnknown = "KV-SET-003"
  case selfApproval = "KV-SET-004"
  case booksBroken = "KV-LED-001"
  case proofOpen = "KV-REC-001"
  case bankGap = "KV-REC-002"
  case unknownName = "KV-CLI-001"
  case usage = "KV-CLI-002"
  case databaseDown = "KV-DB-001"
  case databaseRefused = "KV-DB-002"
  case booksUnknown = "KV-DB-003"
  case schemaDiffers = "KV-DB-004"
  case runHeld = "KV-RUN-001"
  case feedMissing = "KV-RUN-002"
  case cannotWrite = "KV-OUT-001"
  case outboxDiffers = "KV-OUT-002"

  /// One sentence: what it means.
  package var cause: String { facts.cause }
  /// One sentence: what to do.
  package var fix: String { facts.fix }
  /// How the command ends.
  package var exit: ExitStatus { facts.exit }

  private var facts: (exit: ExitStatus, cause: String, fix: String) {
    switch self {
    case .fileUnreadable, .headerColumn, .trailerMissing, .controlTotal, .fieldCount, .badText,
      .badType, .badReference, .badToken, .unknownCard, .badAmount, .badCurrency, .badCategory,
      .badMerchant, .badTime, .recordConflict, .fileConflict, .sequenceGap, .badFrame,
      .cardNumber, .numberTaken:
      feedFacts
    case .badRecord, .badTrailer, .totalsDiffer, .signatureMissing, .signatureBad,
      .signerUnknown, .digestDiffers, .continuityBroken, .keyProblem, .answerReplayed,
      .answerMismatch:
      partnerFacts
    default:
      houseFacts
    }
  }

  private var feedFacts: (exit: ExitStatus, cause: String, fix: String) {
    switch self {
    case .fileUnreadable:
      (
        .noInput, "the file is missing, a link, not a regular file or too large",
        "check the path and name the file itself"
      )
    case .headerColumn:
      (
        .rejected, "the first row lacks a column that the feed must have",
        "see Schemas/cards.schema.json for the columns"
      )
    case .trailerMissing:
      (
        .rejected, "no control totals came with the file",
        "append #total and #end rows or put them into FILE.control"
      )
    case .controlTotal:
      (
        .invariant, "counts or sums of the file differ from its control totals; nothing is posted",
        "ask the sender for the whole file"
      )
    case .fieldCount:
      (
        .findings, "the row has another number of fields than the header",
        "look for a missing quote or delimiter"
      )
    case .badText:
      (
        .rejected, "the file holds a NUL, bytes that are no UTF-8, or a row above 64 KiB",
        "ask the sender for UTF-8 text"
      )
    case .badType:
      (.findings, "the record type is none that the feed's profile names", "see kvitt help feeds")
    case .badReference:
      (
        .findings, "a reference is empty, too long or holds other than A-Z a-z 0-9 . _ -",
        "references have 1 to 40 of these characters"
      )
    case .badToken:
      (
        .findings, "the card token is empty, malformed or looks like a card number",
        "the feed must carry the issuer's token, never a card number"
      )
    case .unknownCard:
      (.findings, "the card belongs to no member", "enrol it: kvitt member import FILE")
    case .badAmount:
      (
        .rejected, "an amount is not written as the feed's profile says",
        "kvitt CSV has digits in minor units, 1240 for 12.40; else see amounts in kvitt help feeds"
      )
    case .badCurrency:
      (
        .findings, "the currency is unknown, or the billing currency is not the programme's",
        "currencies are three letters of ISO 4217"
      )
    case .badCategory:
      (.findings, "the merchant category is not four digits", "keep leading zeros: 0742")
    case .badMerchant:
      (
        .findings, "the merchant id is empty, too long or malformed",
        "merchant ids have 1 to 40 of A-Z a-z 0-9 . _ -"
      )
    case .badTime:
      (
        .findings, "the local time is not written as the feed's profile says",
        "kvitt CSV has 2026-09-01T12:30:00+02:00; else see times in kvitt help feeds"
      )
    case .recordConflict:
      (
        .findings, "a record with this identity stands with other content",
        "the first one stays; ask the sender which is right"
      )
    case .badFrame:
      (
        .rejected, "the file's frame is broken: lengths, blocks, tags or messages do not fit",
        "ask the sender for the whole file, transferred in binary mode"
      )
    case .cardNumber:
      (
        .rejected, "an id that would be kept reads as a card number",
        "send the sender's own id, with a letter among its digits where it has 13 to 19; a feed whose references are "
          + "such numbers has numeric_references: true in its profile"
      )
    case .numberTaken:
      (
        .rejected, "a card or a partner number stands for two members",
        "each member has a number of its own; nothing was enrolled. Members that are one: kvitt member merge"
      )
    case .fileConflict:
      (
        .conflict, "a file with this name or sequence was taken with other content",
        "compare both files; a correction needs a name and sequence of its own"
      )
    default:
      (
        .tryLater, "a file of the sequence before this one has not come",
        "take the missing file first"
      )
    }
  }

  private var partnerFacts: (exit: ExitStatus, cause: String, fix: String) {
    switch self {
    case .badRecord:
      (
        .rejected, "a record of the file does not follow its format",
        "see the file formats in Settlement/README.md"
      )
    case .badTrailer:
      (.rejected, "the trailer's counts or digest differ from the file", "ask for the file again")
    case .totalsDiffer:
      (.invariant, "the totals stated in the file differ from its lines", "ask for a correct file")
    case .signatureMissing:
      (.tryLater, "the signature file is not there yet", "nothing is read before FILE.p7s is here")
    case .signatureBad:
      (.untrusted, "the signature does not fit these bytes", "ask for the file again")
    case .signerUnknown:
      (
        .untrusted, "whoever signed is not enrolled for this partner on this day",
        "enrol the certificate after checking its SHA-256 by another channel"
      )
    case .digestDiffers:
      (
        .untrusted, "a file differs from the digest in the signed manifest",
        "compare with the archive; the file was changed after signing"
      )
    case .continuityBroken:
      (
        .untrusted, "opening balance or previous digest do not follow the statement before",
        "verify the statement before this one"
      )
    case .keyProblem:
      (
        .config, "a key or certificate is missing, malformed or readable by others",
        "make one with kvitt key create; private keys are files of mode 0600"
      )
    case .answerReplayed:
      (
        .conflict, "an answer with this sequence was taken with other content",
        "ask the partner; this is an incident"
      )
    default:
      (
        .rejected, "the answer does not fit the statement that it names",
        "the whole answer is refused; ask the partner for a correct one"
      )
    }
  }

  private var houseFacts: (exit: ExitStatus, cause: String, fix: String) {
    switch self {
    case .termsInvalid:
      (.config, "a terms file does not follow its grammar", "correct the line and apply it again")
    case .termsMissing:
      (
        .config, "terms that the command needs were never applied",
        "kvitt partner terms apply FILE…"
      )
    case .calendarEnds:
      (.config, "the business calendar does not reach the day", "apply the next year's calendar")
    case .balanceShort:
      (
        .findings, "the member has less to use, or the hold keeps less, than is asked",
        "ask for less; kvitt member show tells what there is"
      )
    case .keyReused:
      (
        .conflict, "the key of this call did something else before",
        "give each call a key of its own, and repeat only the very same call"
      )
    case .holdEnded:
      (.conflict, "the hold was captured or released before", "hold again")
    case .planStale:
      (.stale, "what the plan stands on has changed since it was made", "make a new plan")
    case .approvalMissing:
      (
        .approval,
        "the plan lacks a second person's approval or a standing approval that covers it",
        "another person runs kvitt settle approve"
      )
    case .planUnknown:
      (.usage, "no such plan", "kvitt settle list")
    case .selfApproval:
      (.approval, "preparer and approver are the same login", "another person must approve")
    case .booksBroken:
      (.invariant, "the books do not prove", "stop posting; see kvitt help ledger-check")
    case .proofOpen:
      (.invariant, "the difference is not explained by breaks", "report it: this is a defect")
    case .bankGap:
      (
        .rejected, "the bank statement does not continue the one before or does not add up",
        "take the missing bank statement first"
      )
    case .unknownName:
      (.usage, "no such partner, account or id", "check the spelling")
    case .usage:
      (.usage, "the command line is not understood", "kvitt help")
    case .databaseDown:
      (.unavailable, "the database cannot be reached", "start it, or check --db and KVITT_DB")
    case .databaseRefused:
      (
        .failed, "the database refused a statement; the open step was rolled back",
        "run it again; if it stays, keep the message and ask the database's administrator"
      )
    case .booksUnknown:
      (
        .config, "the books hold a value that this kvitt does not know",
        "bring program and books to the same version: kvitt db migrate, or the newer kvitt"
      )
    case .schemaDiffers:
      (
        .config, "the books' schema is not the one that this kvitt works with",
        "kvitt db migrate, as the database's administrator, or the kvitt that fits the books"
      )
    case .runHeld:
      (
        .tryLater, "the run is held by another process, or was taken over",
        "wait for it; a dead holder is taken over by itself"
      )
    case .feedMissing:
      (
        .tryLater, "the card feed of the business date is not here yet",
        "the night starts when the file is in the inbox"
      )
    case .outboxDiffers:
      (
        .conflict, "the outbox is not that of these books: one of the two was put back or moved",
        "nothing is issued before both belong together; see kvitt help restored-books"
      )
    default:
      (.cannotWrite, "a file or folder cannot be written", "check space and permissions")
    }
  }
}

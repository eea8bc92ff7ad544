import ArgumentParser
import Journal

/// The root of the command tree.
struct Kvitt: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kvitt",
    abstract: "Rewards ledger and partner settlement for co-branded bank cards.",
    discussion: """
      First steps:
        kvitt demo                 a throw-away database with 60 business days in it
        kvitt status               what is due, late or open
        kvitt settle plan          who gets what; nothing is paid
        kvitt breaks list          what does not agree, and what to do

      Topics and codes: kvitt help exit-codes, kvitt help KV-ING-014
      """,
    version: "kvitt \(Schema.current.version)",
    subcommands: [
      DemoCommand.self, StatusCommand.self, NightlyCommand.self, SimulateCommand.self,
      IngestCommand.self, MemberCommand.self, PartnerCommand.self, SettleCommand.self,
      StatementCommand.self, ReconcileCommand.self, BreaksCommand.self, ReportCommand.self,
      LedgerCommand.self, ExplainCommand.self, ReferenceCommand.self, RewardCommand.self,
      KeyCommand.self,
      DatabaseCommand.self, HelpCommand.self,
    ]
  )
}

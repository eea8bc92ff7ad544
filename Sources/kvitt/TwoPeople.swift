import Formats
import Journal

/// Says what a person's word did where two people decide.
///
/// - Parameters:
///   - name: What is decided, for people.
///   - next: What follows once it is decided.
///   - conflict: What to say where its name stands for another proposal.
///   - ask: Proposes, or decides as the second person.
/// - Throws: `Ending` while the second person is missing, a `Refusal`, or what `ask` throws.
func decideJointly(
  _ name: String,
  next: String,
  conflict: String,
  _ ask: () throws -> JointDecision
) throws {
  do {
    switch try ask() {
    case .proposed:
      say("\(name) proposed; a second person runs the same command")
      throw Ending(.approval)
    case .decided: say("\(name) decided; \(next)")
    case .stands: say("\(name) decided before, nothing to do")
    case .alone: say("\(name) \(next)")
    }
  } catch is SamePerson {
    throw Refusal(.selfApproval, "you proposed this yourself; a second person decides")
  } catch is ProposalConflict {
    throw Refusal(.keyReused, conflict)
  }
}

/// Says what a person's word did for an import, with the digest by which the two know that they mean the same
/// rows.
///
/// - Parameters:
///   - name: What is imported, for people.
///   - ask: Asks for it; gives the answer, and what it changes.
/// - Throws: `Ending` while the second person is missing, a `Refusal`, or what `ask` throws.
func decideImport(
  _ name: String,
  asking ask: () throws -> (answer: ImportAnswer, change: String)
) throws {
  do {
    let (answer, change) = try ask()
    say(change)
    let rows = answer.digest.map { "rows sha256 \($0)" } ?? ""
    switch answer.decision {
    case .proposed:
      say("\(name) \(rows) proposed; a second person runs the same command")
      throw Ending(.approval)
    case .decided: say("\(name) \(rows) decided")
    case .stands: say("\(name) stands already, nothing to do")
    case .alone: break
    }
  } catch is SamePerson {
    throw Refusal(.selfApproval, "you asked for these rows yourself; a second person decides")
  }
}

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
    }
  } catch is SamePerson {
    throw Refusal(.selfApproval, "you proposed this yourself; a second person decides")
  } catch is ProposalConflict {
    throw Refusal(.keyReused, conflict)
  }
}

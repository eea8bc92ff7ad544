package import Civil
import Postgres

/// A run's claim on its business date: every commit compares it.
package struct RunFence: Sendable {
  package let job: String
  package let date: CivilDate
  package let number: Int64
}

/// The run is held by another process, or was taken over.
package struct RunHeld: Error, CustomStringConvertible {
  package let description: String
}

extension Books {
  /// Asks whether the books take a business date yet.
  ///
  /// - Throws: `DatabaseError` with SQLSTATE KV027 where it has not come.
  package func check(businessDate date: CivilDate) throws {
    try connection.run("SELECT check_business_date(\("\(date)")::date)")
  }

  /// Begins or resumes the run of a job and business date.
  package func beginRun(
    _ job: String,
    _ date: CivilDate,
    holder: String,
    at instant: Instant
  ) throws {
    do {
      let answer = try connection.run(
        """
        SELECT begin_run(\(job), \("\(date)")::date, \(holder),
          to_timestamp(\(instant.microseconds)::numeric / 1000000))
        """
      ).first
      fence = RunFence(job: job, date: date, number: try answer?.int(0) ?? 0)
    } catch let error as DatabaseError where error.sqlState == "KV075" {
      throw RunHeld(description: error.message)
    }
  }

  /// Who holds a run, nil where nobody ever did.
  package func runHolder(_ job: String, _ date: CivilDate) throws -> String? {
    try connection.run(
      "SELECT holder FROM run WHERE job = \(job) AND business_date = \("\(date)")::date"
    ).first?.string(0)
  }

  /// Ends the backend of a dead holder.
  package func endHolder(_ job: String, _ date: CivilDate) throws {
    try connection.run("SELECT end_holder(\(job), \("\(date)")::date)")
  }

  /// Steps that a run has done, in order.
  package func stepsDone(_ job: String, _ date: CivilDate) throws -> [(step: String, note: String)]
  {
    try connection.run(
      """
      SELECT step, note FROM run_event
       WHERE job = \(job) AND business_date = \("\(date)")::date ORDER BY seq
      """
    ).map { try ($0.string(0), $0.string(1)) }
  }

  /// Notes a step of the run whose fence is held.
  package func note(step: String, finished: Bool = false, _ text: String) throws {
    guard let fence else { return }
    try connection.run(
      """
      SELECT note_step(\(fence.job), \("\(fence.date)")::date, \(fence.number)::integer, \(step),
        \(finished ? "finished" : "done"), \(text))
      """
    )
  }

  /// The last business date whose run finished, nil before the first.
  package func lastFinished(_ job: String) throws -> CivilDate? {
    try connection.run(
      "SELECT max(business_date)::text FROM run_event WHERE job = \(job) AND state = 'finished'"
    ).first?.optionalDay(0)
  }
}

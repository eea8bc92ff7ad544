/// What the stages of taking a file cost, in the order in which they ended.
package final class Stages {
  /// One stage.
  package struct Stage: Sendable {
    package let name: String
    /// Seconds by the wall clock, and of this process' CPU.
    package let wall: Double
    package let cpu: Double
  }

  package private(set) var all: [Stage] = []
  private let clock = ContinuousClock()
  private var wall: ContinuousClock.Instant
  private var cpu: Double
  private let usedCPU: () -> Double

  /// Begins to count.
  ///
  /// - Parameter usedCPU: Seconds of CPU that the process used so far.
  package init(usedCPU: @escaping () -> Double) {
    self.usedCPU = usedCPU
    wall = clock.now
    cpu = usedCPU()
  }

  /// Ends a stage and begins the next.
  package func end(_ name: String) {
    let (now, used) = (clock.now, usedCPU())
    let span = (now - wall).components
    let seconds = Double(span.seconds) + Double(span.attoseconds) / 1e18
    all.append(Stage(name: name, wall: seconds, cpu: used - cpu))
    (wall, cpu) = (now, used)
  }
}

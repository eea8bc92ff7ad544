/// Knuth's generator for MMIX; the high half is used.
package struct Shuffle: RandomNumberGenerator {
  private var state: UInt64

  package init(state: UInt64) { self.state = state }

  package mutating func next() -> UInt64 {
    var out: UInt64 = 0
    for _ in 0..<2 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      out = out << 32 | state >> 32
    }
    return out
  }
}

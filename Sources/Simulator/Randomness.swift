/// A seeded generator (SplitMix64): the same seed gives the same world on every machine.
package struct Randomness: Sendable {
  private var state: UInt64

  package init(seed: UInt64) {
    state = seed
  }

  /// The next 64 bits.
  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number from 0 up to `bound`, without it.
  package mutating func below(_ bound: Int) -> Int {
    Int(next() % UInt64(max(1, bound)))
  }

  /// True once in `count` times.
  package mutating func once(in count: Int) -> Bool {
    below(count) == 0
  }

  /// A rank from 0 to `count` – 1 with Zipf's weights 1/(rank + 1), by cumulative table.
  package mutating func pick(_ cumulative: [Double]) -> Int {
    let point = Double(next() >> 11) / Double(1 << 53) * (cumulative.last ?? 1)
    var low = 0
    var high = cumulative.count - 1
    while low < high {
      let middle = (low + high) / 2
      if cumulative[middle] < point { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// Cumulative Zipf weights of `count` ranks.
func zipf(_ count: Int) -> [Double] {
  var sum = 0.0
  return (1...count).map { rank in
    sum += 1 / Double(rank)
    return sum
  }
}

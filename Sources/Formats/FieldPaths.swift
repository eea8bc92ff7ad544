/// The keys, or names of elements, that lead to a profile's fields, as a tree laid out flat: a
/// reader asks it for every one it meets, so nothing in it is counted or copied.
final class FieldPaths {
  /// A key on the way to fields.
  struct Node {
    fileprivate var name: Range<Int> = 0..<0
    fileprivate(set) var children: Range<Int> = 0..<0
    fileprivate var fields: Range<Int> = 0..<0
    /// Whether the key holds the array of records.
    fileprivate(set) var isRows = false
  }

  private struct Branch {
    let name: String
    var fields: [Target] = []
    var children: [Int] = []
    var isRows = false
  }

  /// A field that a path gives a value, and the place of the path among the field's own.
  struct Target {
    let field: CardField
    let rank: Int
  }

  private let names: UnsafeMutableRawBufferPointer
  private let nodes: UnsafeMutableBufferPointer<Node>
  private let fields: UnsafeMutableBufferPointer<Target>
  /// Whether no name holds a byte that JSON escapes.
  private let isPlain: Bool
  /// The node of the array of records, where the profile names one.
  let rows: Int?

  init(_ profile: CardFeedProfile) {
    var tree = [Branch(name: "")]
    func insert(_ path: String) -> Int {
      var node = 0
      for part in path.split(separator: ".").map(String.init) {
        if let child = tree[node].children.first(where: { tree[$0].name == part }) {
          node = child
        } else {
          tree.append(Branch(name: part))
          tree[node].children.append(tree.count - 1)
          node = tree.count - 1
        }
      }
      return node
    }
    for field in CardField.allCases {
      for (rank, path) in (profile.columns[field] ?? []).enumerated() {
        tree[insert(path)].fields.append(Target(field: field, rank: rank))
      }
    }
    if let rows = profile.rows { tree[insert(rows)].isRows = true }

    // Level by level, so that the children of a node stand side by side.
    var order = [0]
    var next = 0
    while next < order.count {
      order += tree[order[next]].children
      next += 1
    }
    let text = order.map { tree[$0].name }.joined()
    // Names are compared eight bytes at once, up to eight past the last.
    names = .allocate(byteCount: text.utf8.count + 8, alignment: 8)
    names.initializeMemory(as: UInt8.self, repeating: 0)
    names.copyBytes(from: text.utf8)
    isPlain = text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C }
    nodes = .allocate(capacity: order.count)
    nodes.initialize(repeating: Node())
    let all = order.flatMap { tree[$0].fields }
    fields = .allocate(capacity: max(1, all.count))
    _ = fields.initialize(from: all)
    var (nameStart, fieldStart, childStart) = (0, 0, 1)
    for (place, index) in order.enumerated() {
      let branch = tree[index]
      nodes[place].name = nameStart..<(nameStart + branch.name.utf8.count)
      nodes[place].fields = fieldStart..<(fieldStart + branch.fields.count)
      nodes[place].children = childStart..<(childStart + branch.children.count)
      nodes[place].isRows = branch.isRows
      nameStart = nodes[place].name.upperBound
      fieldStart = nodes[place].fields.upperBound
      childStart = nodes[place].children.upperBound
    }
    rows = order.firstIndex { tree[$0].isRows }
  }

  deinit {
    names.deallocate()
    nodes.deallocate()
    fields.deallocate()
  }

  /// How many nodes there are.
  var count: Int { nodes.count }

  @inline(__always)
  subscript(_ node: Int) -> Node { nodes[node] }

  /// The name of a node, to be looked for where a key is likely to be; nil where it is none of the
  /// node's children, or not written as it stands.
  ///
  /// Eight bytes past the name can be read.
  @inline(__always)
  func name(ofLikely child: Int, below node: Int) -> UnsafeRawBufferPointer? {
    guard isPlain, nodes[node].children.contains(child) else { return nil }
    let name = nodes[child].name
    return UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(names)[name])
  }

  /// The child of a node with this key, nil where no field lies there; eight bytes past the key can be
  /// read.
  @inline(__always)
  func child(of node: Int, _ key: UnsafeRawBufferPointer) -> Int? {
    nodes[node].children.first { child in
      let name = nodes[child].name
      return name.count == key.count
        && samePaddedBytes(
          key,
          UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(names)[name])
        )
    }
  }

  /// Gives the fields of a node a value, where they have none yet.
  @inline(__always)
  func fill(_ node: Int, _ slots: FieldSlots, _ bytes: UnsafeRawBufferPointer) {
    for place in nodes[node].fields where slots[fields[place].field].isEmpty {
      slots[fields[place].field] = bytes
    }
  }

  /// The fields of a node.
  func targets(_ node: Int) -> UnsafeMutableBufferPointer<Target>.SubSequence {
    fields[nodes[node].fields]
  }
}

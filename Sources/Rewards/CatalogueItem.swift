package import Civil

/// Goods that points buy from a supplier at a price of their own.
package struct CatalogueItem: Sendable, Hashable {
  package let code: String
  /// Code of the points.
  package let unit: String
  /// Points for one.
  package let points: Int64
  /// Code of the partner who supplies it.
  package let supplier: String
  /// What the supplier charges for one, in minor units of the agreement's currency.
  package let charge: Int64
  /// First day; nil where it was there from the first day of the terms.
  package let from: CivilDate?
  /// Last day; nil where there is none.
  package let through: CivilDate?

  package init(
    code: String,
    unit: String,
    points: Int64,
    supplier: String,
    charge: Int64,
    from: CivilDate? = nil,
    through: CivilDate? = nil
  ) {
    self.code = code
    self.unit = unit
    self.points = points
    self.supplier = supplier
    self.charge = charge
    self.from = from
    self.through = through
  }

  /// Whether it can be ordered on a day.
  package func isOffered(on day: CivilDate) -> Bool {
    (from.map { $0 <= day } ?? true) && (through.map { day <= $0 } ?? true)
  }
}

extension Template {
  /// Column of the liability roll-forward.
  package var rollForward: String {
    switch code {
    case "E1", "S1", "M1", "M6a", "E18", "E18s", "G1", "G1s", "O1", "O8", "O15", "S9u",
      "M10f":
      "earned"
    case "E6", "S7a", "M7a", "E10", "S10", "O6", "O7o", "O8r", "O8o", "O16", "S9", "M10a":
      "reversed"
    case "S3", "M3", "M5", "S3a", "S3b", "E3b", "E3c", "S6", "S3c", "S6c", "O4", "O4c",
      "O10", "O13c", "M12", "O4i", "O4ir", "O4r", "M2b", "M10b":
      "settled"
    case "E17", "S5", "P7", "O11": "expired"
    default: "other"
    }
  }
}

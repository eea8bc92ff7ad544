import Formats

/// The connection words of `--db` or `KVITT_DB`: `key=value`, parted by blanks.
///
/// No word is repeated in a message: what stands there by mistake may be a password, and messages are kept
/// in logs.
struct ConnectionWords {
  let parameters: [String: String]

  /// The words of libpq, without those that hold a password.
  private static let known: Set = [
    "application_name", "channel_binding", "client_encoding", "connect_timeout", "dbname",
    "gssdelegation", "gssencmode", "gsslib", "host", "hostaddr", "keepalives", "keepalives_count",
    "keepalives_idle", "keepalives_interval", "krbsrvname", "load_balance_hosts", "options",
    "passfile", "port", "require_auth", "requirepeer", "service", "ssl_max_protocol_version",
    "ssl_min_protocol_version", "sslcert", "sslcrl", "sslcrldir", "sslkey", "sslmode",
    "sslrootcert", "sslsni", "target_session_attrs", "tcp_user_timeout", "user",
  ]

  /// Reads connection words, and the login that `KVITT_LOGIN` names beside them.
  ///
  /// - Parameters:
  ///   - text: The words.
  ///   - login: The login of `KVITT_LOGIN`, nil where none is named.
  /// - Throws: `Refusal` where a word is none of libpq's, holds a password or an address with one, or where
  ///   two different logins are named.
  init(_ text: String, login: String?) throws {
    var out = ["application_name": "kvitt"]
    for (index, word) in text.split(separator: " ").enumerated() {
      let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, ConnectionWords.known.contains(parts[0]),
        !mayHoldPassword(parts[1], parts[0] == "host")
      else {
        throw Refusal(
          .usage,
          "word \(index + 1) of --db or KVITT_DB is no connection word",
          hint:
            "key=value with host, port, dbname, user, sslmode and the like, no address with ://; "
            + "a password belongs into ~/.pgpass"
        )
      }
      out[parts[0]] = parts[1]
    }
    if let login {
      guard out["user"] ?? login == login else {
        throw Refusal(
          .usage,
          "KVITT_LOGIN names one login and the connection words another",
          hint: "name the person once: leave user= out of the words, or unset KVITT_LOGIN"
        )
      }
      out["user"] = login
    }
    let host = out["host"] ?? ""
    let isLocal = host.isEmpty || host.hasPrefix("/") || host == "localhost"
    if !isLocal, out["sslmode"] == nil { out["sslmode"] = "verify-full" }
    parameters = out
  }
}

/// Whether a value may be an address with a password: libpq reads a name with `://` as one, and repeats a host
/// that it cannot find.
private func mayHoldPassword(_ value: String, _ isHost: Bool) -> Bool {
  value.contains("://") || (isHost && value.dropFirst().contains("@"))
}

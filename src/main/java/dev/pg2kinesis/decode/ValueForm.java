package dev.pg2kinesis.decode;

/** How the text plugins print the values of a type. */
enum ValueForm {
  /** Always in quotes. */
  QUOTED,
  /** Without quotes: digits, signs, points, exponents, {@code NaN}, {@code Infinity}. */
  BARE,
  /** {@code true} and {@code false}. */
  BOOLEAN,
  /** {@code B'101'} in test_decoding, in quotes in wal2json. */
  BITS,
  /** In quotes, in wal2json without the {@code \x} that starts them. */
  BYTES;

  /**
   * The form of a type.
   *
   * @param type as {@code format_type} prints it; a domain is a separate type and quoted
   */
  static ValueForm of(String type) {
    return switch (type) {
      case "smallint", "integer", "bigint", "oid", "real", "double precision", "numeric" -> BARE;
      case "boolean" -> BOOLEAN;
      case "bit", "bit varying" -> BITS;
      case "bytea" -> BYTES;
      default -> QUOTED;
    };
  }
}

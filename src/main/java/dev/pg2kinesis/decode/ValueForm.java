package dev.pg2kinesis.decode;

/** How test_decoding prints the values of a type. */
enum ValueForm {
  /** In single quotes, each quote inside doubled. */
  QUOTED,
  /** As they are: digits, signs, points, exponents, {@code NaN}, {@code Infinity}. */
  BARE,
  /** {@code true} and {@code false}. */
  BOOLEAN,
  /** {@code B'101'}. */
  BITS;

  /**
   * The form of a type.
   *
   * @param type as {@code format_type} prints it; a domain is a type of its own and quoted
   */
  static ValueForm of(String type) {
    return switch (type) {
      case "smallint", "integer", "bigint", "oid", "real", "double precision", "numeric" -> BARE;
      case "boolean" -> BOOLEAN;
      case "bit", "bit varying" -> BITS;
      default -> QUOTED;
    };
  }
}

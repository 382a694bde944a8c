package dev.pg2kinesis.format;

/** The types that wal2json and test_decoding print without quotes. */
final class PlainTypes {

  private PlainTypes() {}

  static boolean isNumber(String type) {
    return switch (type) {
      case "smallint", "integer", "bigint", "oid", "real", "double precision", "numeric" -> true;
      default -> false;
    };
  }
}

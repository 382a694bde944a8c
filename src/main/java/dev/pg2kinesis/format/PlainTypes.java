package dev.pg2kinesis.format;

import dev.pg2kinesis.change.Type;

/**
 * The types that wal2json and test_decoding print without quotes. They print a domain in quotes,
 * whatever it is over.
 */
final class PlainTypes {

  private PlainTypes() {}

  static boolean isNumber(Type type) {
    return type instanceof Type.Scalar
        && switch (type.name()) {
          case "smallint", "integer", "bigint", "oid", "real", "double precision", "numeric" ->
              true;
          default -> false;
        };
  }

  static boolean isBoolean(Type type) {
    return is(type, "boolean");
  }

  /** Whether it is {@code bytea}, of whose text wal2json prints the hexadecimal digits alone. */
  static boolean isBytes(Type type) {
    return is(type, "bytea");
  }

  private static boolean is(Type type, String name) {
    return type instanceof Type.Scalar && type.name().equals(name);
  }
}

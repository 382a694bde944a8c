package dev.pg2kinesis.decode;

import dev.pg2kinesis.change.Value;

/** TupleData of "Logical Replication Message Formats": the values of one version of a row. */
final class PgOutputTuple {

  private PgOutputTuple() {}

  /**
   * Reads a tuple.
   *
   * @param part what the errors call it
   * @param columns the number of columns that the relation has
   */
  static Value[] read(PgOutputReader in, String part, int columns) {
    if (in.int16(part) != columns) {
      throw in.expectedBefore(part, Short.BYTES, "as many columns as the relation has, " + columns);
    }
    Value[] values = new Value[columns];
    for (int i = 0; i < columns; i++) {
      in.element(part, i);
      values[i] = value(in);
    }
    in.elementsDone();
    return values;
  }

  private static Value value(PgOutputReader in) {
    return switch (in.int8("kind")) {
      case 't' -> Value.of(in.text("value"));
      case 'n' -> Value.NULL;
      case 'u' -> Value.UNCHANGED;
      case 'b' -> throw in.expectedBefore("kind", "n, u or t; binary values are never asked for");
      default -> throw in.expectedBefore("kind", "n, u or t");
    };
  }
}

package dev.pg2kinesis.change;

import java.util.Map;

/**
 * How amounts of money are to be read in a database. The server keeps a count of the smallest unit,
 * and how many decimals that is belongs to {@code lc_monetary} ("Monetary Types" in PostgreSQL's
 * documentation).
 *
 * @param decimals decimals of the database's locale, 0 to 10
 * @param holders the types that hold amounts inside, by the names that columns have; empty where
 *     the decimals are two, as in the C locale, whose text is then right as it is
 */
public record Money(int decimals, Map<String, Holder> holders) {

  /** The decimals of the C locale, in which sessions print amounts. */
  public static final int DECIMALS_OF_C = 2;

  /** Of a database in whose locale amounts have two decimals. */
  public static final Money TWO_DECIMALS = new Money(DECIMALS_OF_C, Map.of());

  /** A type that is made of another one which is or holds money. */
  public sealed interface Holder {

    /** A domain over the type {@code base}. */
    record Domain(String base) implements Holder {}

    /** An array of the type {@code element}, printed with {@code delimiter} between elements. */
    record Array(String element, char delimiter) implements Holder {}

    /**
     * A row type; {@code fields} has the types of those fields that are or hold money, by index.
     */
    record Composite(Map<Integer, String> fields) implements Holder {}

    /** A range of the type {@code subtype}. */
    record Range(String subtype) implements Holder {}

    /** A multirange whose ranges are of the type {@code range}. */
    record Multirange(String range) implements Holder {}
  }
}

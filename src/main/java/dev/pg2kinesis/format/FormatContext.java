package dev.pg2kinesis.format;

/**
 * The source of the changes, as the formats name it.
 *
 * @param database the database's name
 * @param sourceName the logical name of the source: the slot's name
 * @param version the product's version
 * @param wal2json whether the slot's plugin is wal2json, which decides the case of operations and
 *     the type of {@code xid} in the formats of pg2kinesis
 * @param dms options of the format {@code dms}
 */
public record FormatContext(
    String database, String sourceName, String version, boolean wal2json, DmsOptions dms) {

  /** A source with the default options. */
  public FormatContext(String database, String sourceName, String version, boolean wal2json) {
    this(database, sourceName, version, wal2json, DmsOptions.DEFAULT);
  }
}

package dev.pg2kinesis.format;

/**
 * The source of the changes, as the formats name it.
 *
 * @param database the database's name
 * @param sourceName the logical name of the source: the slot's name
 * @param version the product's version
 * @param wal2json whether the slot's plugin is wal2json, which decides the case of operations and
 *     the type of {@code xid} in the formats of pg2kinesis
 */
public record FormatContext(String database, String sourceName, String version, boolean wal2json) {}

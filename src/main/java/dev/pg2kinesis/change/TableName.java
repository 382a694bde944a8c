package dev.pg2kinesis.change;

/**
 * A table's schema and name as the catalog stores them, without SQL quotes.
 *
 * @param schema the schema's name
 * @param name the table's name
 */
public record TableName(String schema, String name) {

  /** {@code schema.name}, for people and for formats that print it so; not reversible. */
  @Override
  public String toString() {
    return schema + '.' + name;
  }
}

package dev.pg2kinesis.change;

/**
 * A column of a table at the time of a change.
 *
 * @param name as the catalog stores it, without SQL quotes
 * @param type its type
 */
public record Column(String name, Type type) {

  /** A column of a type of which only the name is known; see {@link Type#named}. */
  public Column(String name, String typeName) {
    this(name, Type.named(typeName));
  }
}

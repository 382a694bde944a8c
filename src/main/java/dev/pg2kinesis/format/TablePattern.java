package dev.pg2kinesis.format;

import dev.pg2kinesis.change.TableName;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One pattern for table names, as psql's {@code \d} commands take them ("psql", section
 * "Patterns"): it matches whole names, folds letters outside double quotes to lower case, and takes
 * {@code *} outside quotes for any characters and {@code ?} for one. Without a schema it matches in
 * every schema.
 *
 * @param schema the pattern of the schema's name, or null for any
 * @param name the pattern of the table's name
 */
record TablePattern(@Nullable NamePattern schema, NamePattern name) {

  boolean matches(TableName table) {
    return name.matches(table.name()) && (schema == null || schema.matches(table.schema()));
  }

  /** A pattern for one name: code points, {@link #ANY} and {@link #ANY_RUN}. */
  static final class NamePattern {

    /** One character, whichever. */
    static final int ANY = -1;

    /** Any number of characters, also none. */
    static final int ANY_RUN = -2;

    private final int[] elements;

    NamePattern(int[] elements) {
      this.elements = elements.clone();
    }

    boolean matches(String text) {
      int[] characters = text.codePoints().toArray();
      int at = 0;
      int element = 0;
      int lastRun = -1;
      int retryAt = 0;
      while (at < characters.length) {
        int wanted = element < elements.length ? elements[element] : 0;
        if (wanted == ANY_RUN) {
          lastRun = element++;
          retryAt = at;
        } else if (element < elements.length && (wanted == ANY || wanted == characters[at])) {
          element++;
          at++;
        } else if (lastRun >= 0) {
          element = lastRun + 1;
          at = ++retryAt;
        } else {
          return false;
        }
      }
      while (element < elements.length && elements[element] == ANY_RUN) {
        element++;
      }
      return element == elements.length;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof NamePattern that && Arrays.equals(elements, that.elements);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(elements);
    }
  }
}

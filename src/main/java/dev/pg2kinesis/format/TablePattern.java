package dev.pg2kinesis.format;

import dev.pg2kinesis.change.TableName;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One pattern for table names, as psql's {@code \d} commands take them ("psql", section
 * "Patterns"): it matches whole names, folds letters outside double quotes to lower case, and takes
 * {@code *} outside quotes for any characters and {@code ?} for one. Without a schema it matches in
 * every schema.
 *
 * @param schema what the schema's name must match, or null for any
 * @param name what the table's name must match
 */
record TablePattern(@Nullable Pattern schema, Pattern name) {

  boolean matches(TableName table) {
    return name.matcher(table.name()).matches()
        && (schema == null || schema.matcher(table.schema()).matches());
  }
}

package dev.pg2kinesis.format;

import dev.pg2kinesis.change.TableName;
import java.util.ArrayList;
import java.util.List;

/**
 * The setting {@code KEY_COLUMNS}: psql patterns for tables, each with the columns whose values
 * make the partition key of its rows, and semicolons between them, {@code
 * public.orders:customer_id;audit.*:tenant,actor}. The first that matches a table counts.
 */
public final class PartitionColumns {

  /** Leaves the key of every table to {@code PARTITION_KEY}. */
  public static final PartitionColumns NONE = new PartitionColumns(List.of());

  private final List<Rule> rules;

  private record Rule(TablePattern pattern, List<String> columns) {}

  private PartitionColumns(List<Rule> rules) {
    this.rules = rules;
  }

  /**
   * Reads the setting.
   *
   * @throws IllegalArgumentException saying what was expected and at which character
   */
  public static PartitionColumns parse(String setting) {
    TablePatternReader reader = new TablePatternReader(setting, ":;,");
    List<Rule> rules = new ArrayList<>();
    do {
      TablePattern pattern = reader.table();
      reader.expect(':', "':' and the names of columns");
      List<String> columns = new ArrayList<>();
      do {
        columns.add(reader.columnName());
      } while (reader.take(','));
      rules.add(new Rule(pattern, List.copyOf(columns)));
    } while (reader.take(';'));
    reader.expectEnd("a comma or a semicolon");
    return new PartitionColumns(List.copyOf(rules));
  }

  /** The columns, in the key's order; empty for a table whose key is that of its rows. */
  List<String> of(TableName table) {
    for (Rule rule : rules) {
      if (rule.pattern().matches(table)) {
        return rule.columns();
      }
    }
    return List.of();
  }
}

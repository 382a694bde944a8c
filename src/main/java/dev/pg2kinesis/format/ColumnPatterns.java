package dev.pg2kinesis.format;

import dev.pg2kinesis.change.TableName;
import java.util.ArrayList;
import java.util.List;

/**
 * The setting {@code EXCLUDE_COLUMNS}: psql patterns for columns with commas between them, {@code
 * public.users.password,*.*.ssn}.
 */
public final class ColumnPatterns {

  /** Matches no column. */
  public static final ColumnPatterns NONE = new ColumnPatterns(List.of());

  private final List<ColumnPattern> patterns;

  private ColumnPatterns(List<ColumnPattern> patterns) {
    this.patterns = patterns;
  }

  /**
   * Reads the setting.
   *
   * @throws IllegalArgumentException saying what was expected and at which character
   */
  public static ColumnPatterns parse(String setting) {
    TablePatternReader reader = new TablePatternReader(setting);
    List<ColumnPattern> patterns = new ArrayList<>();
    do {
      patterns.add(reader.column());
    } while (reader.take(','));
    reader.expectEnd("a comma");
    return new ColumnPatterns(List.copyOf(patterns));
  }

  /** Whether columns of the table may match. */
  boolean concern(TableName table) {
    return patterns.stream().anyMatch(pattern -> pattern.table().matches(table));
  }

  boolean matches(TableName table, String column) {
    return patterns.stream().anyMatch(pattern -> pattern.matches(table, column));
  }
}

package dev.pg2kinesis.format;

import dev.pg2kinesis.change.TableName;
import java.util.List;

/**
 * Patterns for table names, as the settings {@code TABLES} and {@code EXCLUDE_TABLES} hold them:
 * psql patterns with commas between them, {@code public.*,"Odd Name".t,audit_?}. The regular
 * expressions that psql also takes are not supported.
 */
public final class TablePatterns {

  /** Matches no table. */
  public static final TablePatterns NONE = new TablePatterns(List.of());

  private final List<TablePattern> patterns;

  private TablePatterns(List<TablePattern> patterns) {
    this.patterns = patterns;
  }

  /**
   * Reads a comma-separated list of patterns.
   *
   * @throws IllegalArgumentException saying what was expected and at which character
   */
  public static TablePatterns parse(String setting) {
    return new TablePatterns(new TablePatternReader(setting).read());
  }

  /** Whether one of the patterns matches. */
  public boolean matches(TableName table) {
    for (TablePattern pattern : patterns) {
      if (pattern.matches(table)) {
        return true;
      }
    }
    return false;
  }
}

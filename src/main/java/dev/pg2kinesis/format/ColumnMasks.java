package dev.pg2kinesis.format;

import dev.pg2kinesis.change.TableName;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The setting {@code MASK_COLUMNS}: psql patterns for columns, each with a mask, and commas between
 * them, {@code public.users.email=hmac,*.*.iban=last:4}. The first that matches a column counts.
 */
public final class ColumnMasks {

  /** Masks nothing. */
  public static final ColumnMasks NONE = new ColumnMasks(List.of());

  private static final String EXPECTED =
      "redact, hmac, last:N or truncate:N with N from 1 to " + Mask.MAX_LENGTH;

  private final List<Rule> rules;

  private record Rule(ColumnPattern pattern, Mask mask) {}

  private ColumnMasks(List<Rule> rules) {
    this.rules = rules;
  }

  /**
   * Reads the setting.
   *
   * @throws IllegalArgumentException saying what was expected and at which character
   */
  public static ColumnMasks parse(String setting) {
    TablePatternReader reader = new TablePatternReader(setting, ",=");
    List<Rule> rules = new ArrayList<>();
    do {
      ColumnPattern pattern = reader.column();
      reader.expect('=', "'=' and a mask");
      rules.add(new Rule(pattern, reader.word(Mask::parse, EXPECTED)));
    } while (reader.take(','));
    reader.expectEnd("a comma");
    return new ColumnMasks(List.copyOf(rules));
  }

  /** Whether one of the masks needs a key. */
  public boolean needKey() {
    return rules.stream().anyMatch(rule -> rule.mask() instanceof Mask.Hmac);
  }

  /** Whether columns of the table may match. */
  boolean concern(TableName table) {
    return rules.stream().anyMatch(rule -> rule.pattern().table().matches(table));
  }

  /** The column's mask, or null. */
  @Nullable Mask of(TableName table, String column) {
    for (Rule rule : rules) {
      if (rule.pattern().matches(table, column)) {
        return rule.mask();
      }
    }
    return null;
  }
}

package dev.pg2kinesis.slot;

import dev.pg2kinesis.slot.TableShape.KeyColumn;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * SQL that reads the next rows of a table in the order of its key's index. Pure.
 *
 * <p>Where PostgreSQL's own operators order the key, a row comparison uses the whole index. Other
 * operators, such as those of {@code citext}, must be named with their schema, which a row
 * comparison cannot do.
 */
final class ChunkQuery {

  private final TableShape shape;

  ChunkQuery(TableShape shape) {
    this.shape = shape;
  }

  /**
   * A COPY of the next rows, in text form.
   *
   * @param after the key of the last row that was read, in the text form of the output functions;
   *     null to start at the beginning
   * @param rows rows at most
   */
  String copy(@Nullable List<String> after, long rows) {
    List<String> conditions = new ArrayList<>();
    if (shape.rowFilter() != null) {
      conditions.add("(" + shape.rowFilter() + ")");
    }
    if (after != null) {
      conditions.add(
          "(" + (usesBuiltInOperators() ? rowComparison(after) : beyond(after, 0)) + ")");
    }
    return "COPY (SELECT "
        + shape.columns().stream()
            .map(column -> SqlText.identifier(column.name()))
            .collect(Collectors.joining(", "))
        + " FROM "
        + (shape.partitioned() ? "" : "ONLY ")
        + SqlText.identifier(shape.table())
        + (conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions))
        + order()
        + " LIMIT "
        + rows
        + ") TO STDOUT";
  }

  private boolean usesBuiltInOperators() {
    return shape.key().stream().allMatch(column -> column.greater().equals("pg_catalog.>"));
  }

  private String order() {
    return shape.key().isEmpty()
        ? ""
        : shape.key().stream()
            .map(column -> expression(column) + " USING OPERATOR(" + column.less() + ")")
            .collect(Collectors.joining(", ", " ORDER BY ", ""));
  }

  private String rowComparison(List<String> after) {
    return shape.key().stream()
            .map(ChunkQuery::expression)
            .collect(Collectors.joining(", ", "ROW(", ")"))
        + " > "
        + literals(after).stream().collect(Collectors.joining(", ", "ROW(", ")"));
  }

  /** {@code a >= 1 AND (a > 1 OR b >= 2 AND (b > 2 OR c > 3))}, with the index's operators. */
  private String beyond(List<String> after, int position) {
    KeyColumn column = shape.key().get(position);
    String literal = literal(column, after.get(position));
    String greater = expression(column) + " OPERATOR(" + column.greater() + ") " + literal;
    if (position == shape.key().size() - 1) {
      return greater;
    }
    String atLeast = expression(column) + " OPERATOR(" + column.greaterOrEqual() + ") " + literal;
    return atLeast + " AND (" + greater + " OR " + beyond(after, position + 1) + ")";
  }

  private List<String> literals(List<String> after) {
    List<String> literals = new ArrayList<>();
    for (int i = 0; i < shape.key().size(); i++) {
      literals.add(literal(shape.key().get(i), after.get(i)));
    }
    return literals;
  }

  private static String expression(KeyColumn column) {
    return SqlText.identifier(column.name())
        + (column.collation() == null ? "" : " COLLATE " + column.collation());
  }

  private static String literal(KeyColumn column, String text) {
    return SqlText.literal(text) + "::" + column.type();
  }
}

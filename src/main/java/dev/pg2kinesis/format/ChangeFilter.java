package dev.pg2kinesis.format;

import dev.pg2kinesis.change.Operation;
import dev.pg2kinesis.change.TableName;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which changes are published.
 *
 * @param tables tables to publish
 * @param excluded tables not to publish, even if {@code tables} has them
 * @param operations operations to publish; messages have no table and depend on this alone
 */
public record ChangeFilter(
    TablePatterns tables, TablePatterns excluded, Set<Operation> operations) {

  /** Publishes everything. */
  public static final ChangeFilter ALL =
      new ChangeFilter(
          TablePatterns.parse("*"), TablePatterns.NONE, EnumSet.allOf(Operation.class));

  public ChangeFilter {
    Set<Operation> copy = EnumSet.noneOf(Operation.class); // asked for each change
    copy.addAll(operations);
    operations = Collections.unmodifiableSet(copy);
  }

  /** Whether changes of the table are published. */
  public boolean accepts(TableName table) {
    return tables.matches(table) && !excluded.matches(table);
  }

  /** Whether changes of the kind are published. */
  public boolean accepts(Operation operation) {
    return operations.contains(operation);
  }

  /**
   * Reads a comma-separated list of operations in lower case, as the setting {@code OPERATIONS}
   * holds it.
   *
   * @throws IllegalArgumentException naming what is not an operation, and all that are
   */
  public static Set<Operation> parseOperations(String setting) {
    Set<Operation> operations = EnumSet.noneOf(Operation.class);
    for (String name : setting.split(",", -1)) {
      operations.add(operation(name.strip()));
    }
    return operations;
  }

  private static Operation operation(String name) {
    for (Operation operation : Operation.values()) {
      if (settingName(operation).equals(name)) {
        return operation;
      }
    }
    throw new IllegalArgumentException(
        "expected a list of "
            + Arrays.stream(Operation.values())
                .map(ChangeFilter::settingName)
                .collect(Collectors.joining(", "))
            + ", found '"
            + name
            + "'");
  }

  private static String settingName(Operation operation) {
    return operation.name().toLowerCase(Locale.ROOT);
  }
}

package dev.pg2kinesis.format;

import dev.pg2kinesis.change.Operation;
import dev.pg2kinesis.change.TableName;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

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
}

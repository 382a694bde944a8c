package dev.pg2kinesis.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Change.RowChange;
import dev.pg2kinesis.change.Change.Truncate;
import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.Operation;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.change.Value;
import dev.pg2kinesis.change.VisibleTransactions;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PendingReadsTest {

  private static final TableName TABLE = new TableName("public", "t");
  private static final Lsn LSN = new Lsn(100);
  private static final int VISIBLE = 5;
  private static final int INVISIBLE = 12;

  private final PendingReads pending =
      new PendingReads(
          TABLE,
          List.of("id"),
          List.of(row("1", "a"), row("2", "b"), row("3", "c")),
          VisibleTransactions.parse("10:10:"));
  private final List<String> published = new ArrayList<>();

  private static Row row(String id, String v) {
    return new Row(
        List.of(new Column("id", "integer"), new Column("v", "text")),
        List.of(Value.of(id), Value.of(v)));
  }

  private static Row keyOnly(String id) {
    return new Row(List.of(new Column("id", "integer")), List.of(Value.of(id)));
  }

  private static Change change(Operation operation, @Nullable Row before, @Nullable Row after) {
    return new RowChange(LSN, operation, TABLE, List.of("id"), before, after);
  }

  private void arrives(int xid, Change change) {
    pending.before(
        new Commit(xid, LSN, null),
        change,
        row -> published.add(((Value.Text) row.values().get(1)).text()));
  }

  private void ends() {
    pending.remaining(row -> published.add(((Value.Text) row.values().get(1)).text()));
  }

  @Test
  void aRowWaitsForVisibleChangesAndPrecedesInvisibleOnes() {
    arrives(VISIBLE, change(Operation.UPDATE, null, row("2", "older")));
    assertThat(published).isEmpty();
    arrives(INVISIBLE, change(Operation.UPDATE, null, row("2", "newer")));
    assertThat(published).containsExactly("b");
    arrives(INVISIBLE, change(Operation.UPDATE, null, row("2", "newest")));
    assertThat(published).containsExactly("b");
    ends();
    assertThat(published).containsExactly("b", "a", "c");
    assertThat(pending.size()).isZero();
  }

  @Test
  void aChangedKeyReleasesBothRows() {
    arrives(INVISIBLE, change(Operation.UPDATE, keyOnly("3"), row("1", "moved")));
    assertThat(published).containsExactly("c", "a");
  }

  @Test
  void aDeleteReleasesItsRowBefore() {
    arrives(INVISIBLE, change(Operation.DELETE, keyOnly("1"), null));
    assertThat(published).containsExactly("a");
    ends();
    assertThat(published).containsExactly("a", "b", "c");
  }

  @Test
  void anInsertOfAnotherKeyReleasesNothing() {
    arrives(INVISIBLE, change(Operation.INSERT, null, row("4", "d")));
    assertThat(published).isEmpty();
  }

  @Test
  void anInvisibleTruncateReleasesAllAndAVisibleOneNothing() {
    arrives(VISIBLE, new Truncate(LSN, TABLE, false, false));
    assertThat(published).isEmpty();
    arrives(INVISIBLE, new Truncate(LSN, TABLE, false, false));
    assertThat(published).containsExactly("a", "b", "c");
  }

  @Test
  void changesOfOtherTablesReleaseNothing() {
    TableName other = new TableName("public", "other");
    arrives(INVISIBLE, new Truncate(LSN, other, false, false));
    arrives(
        INVISIBLE, new RowChange(LSN, Operation.INSERT, other, List.of("id"), null, row("1", "x")));
    assertThat(published).isEmpty();
  }

  @Test
  void aToastedKeyThatTheUpdateDidNotTouchIsTakenFromTheOldRow() {
    Row after =
        new Row(
            List.of(new Column("id", "text"), new Column("v", "text")),
            List.of(Value.UNCHANGED, Value.of("x")));
    arrives(INVISIBLE, change(Operation.UPDATE, keyOnly("2"), after));
    assertThat(published).containsExactly("b");
  }

  @Test
  void aRowWithoutItsKeyIsRefused() {
    assertThatThrownBy(
            () ->
                new PendingReads(
                    TABLE,
                    List.of("other"),
                    List.of(row("1", "a")),
                    VisibleTransactions.parse("1:1:")))
        .isInstanceOf(IllegalArgumentException.class);
  }
}

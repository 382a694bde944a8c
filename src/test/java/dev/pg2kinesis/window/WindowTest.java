package dev.pg2kinesis.window;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.decode.CommitReader;
import dev.pg2kinesis.decode.RawRow;
import dev.pg2kinesis.slot.Slot;
import dev.pg2kinesis.slot.SlotException;
import dev.pg2kinesis.slot.SlotException.Code;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Transactions out of a peek that the test writes by hand. A row "C" ends a transaction. */
@Timeout(60)
class WindowTest {

  @TempDir Path directory;

  /** Rows, then what the peek ends with. */
  private static final class FakePeek implements Slot.Peek {

    private final Iterator<RawRow> rows;
    private final @Nullable RuntimeException end;
    final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch cancelled = new CountDownLatch(1);
    boolean hangs;
    boolean cancelFails;
    volatile boolean closed;

    FakePeek(List<RawRow> rows, @Nullable RuntimeException end) {
      this.rows = rows.iterator();
      this.end = end;
    }

    @Override
    public @Nullable RawRow next() {
      if (rows.hasNext()) {
        return rows.next();
      }
      reached.countDown();
      if (hangs) {
        try {
          cancelled.await();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }
      if (end != null) {
        throw end;
      }
      return null;
    }

    @Override
    public void cancel() {
      cancelled.countDown();
      if (cancelFails) {
        throw new SlotException(Code.DATABASE_FAILED, "as told", null);
      }
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  private static final CommitReader ENDS =
      row -> row.bytes()[0] == 'C' ? new Commit(row.xid(), row.lsn(), null) : null;

  private static RawRow row(int number, String text) {
    return new RawRow(new Lsn(number), 7, text.getBytes(UTF_8));
  }

  private static List<RawRow> transactions(int... sizes) {
    List<RawRow> rows = new ArrayList<>();
    for (int size : sizes) {
      for (int i = 1; i < size; i++) {
        rows.add(row(rows.size(), "row"));
      }
      rows.add(row(rows.size(), "C"));
    }
    return rows;
  }

  private Window open(FakePeek peek, long memory) {
    return Window.open(peek, ENDS, new Spill(memory, directory));
  }

  private static List<String> read(Window window) {
    List<String> read = new ArrayList<>();
    for (Commit commit = window.nextTransaction();
        commit != null;
        commit = window.nextTransaction()) {
      read.add("commit " + commit.lsn());
      for (RawRow row = window.nextRow(); row != null; row = window.nextRow()) {
        read.add(row.lsn() + " " + new String(row.bytes(), UTF_8));
      }
    }
    return read;
  }

  private static List<String> expected(List<RawRow> rows) {
    List<String> expected = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < rows.size(); i++) {
      if (rows.get(i).bytes()[0] == 'C') {
        expected.add("commit " + rows.get(i).lsn());
        for (RawRow row : rows.subList(from, i + 1)) {
          expected.add(row.lsn() + " " + new String(row.bytes(), UTF_8));
        }
        from = i + 1;
      }
    }
    return expected;
  }

  @ParameterizedTest(name = "{0} bytes in memory")
  @ValueSource(longs = {0, 100_000, 1 << 30})
  void handsOutTransactionsWithTheirRowsWhereverBatchesEnd(long memory) {
    Random random = new Random(memory);
    List<RawRow> rows = new ArrayList<>();
    while (rows.size() < 40_000) {
      int size =
          switch (random.nextInt(4)) {
            case 0 -> 1;
            case 1 -> 512;
            case 2 -> 1 + random.nextInt(5);
            default -> 1 + random.nextInt(3_000);
          };
      String text = "r".repeat(1 + (random.nextInt(20) == 0 ? random.nextInt(600_000) : 0));
      for (int i = 1; i < size; i++) {
        rows.add(row(rows.size(), i == 1 ? text : "row"));
      }
      rows.add(row(rows.size(), "C" + random.nextInt()));
    }

    try (Window window = open(new FakePeek(rows, null), memory)) {
      assertThat(read(window)).isEqualTo(expected(rows));
      assertThat(window.rows()).isEqualTo(rows.size());
    }
  }

  @Test
  void aPeekOfNothingIsAWindowOfNothing() {
    FakePeek peek = new FakePeek(List.of(), null);
    try (Window window = open(peek, 1_000)) {
      assertThat(window.nextTransaction()).isNull();
      assertThat(window.nextRow()).isNull();
      assertThat(window.rows()).isZero();
    }
    assertThat(peek.closed).isTrue();
  }

  @Test
  void whatIsCompleteIsHandedOutWhileTheServerStillSends() {
    FakePeek peek = new FakePeek(transactions(512, 512), null);
    peek.hangs = true;
    try (Window window = open(peek, 1 << 20)) {
      assertThat(window.nextTransaction()).isEqualTo(new Commit(7, new Lsn(511), null));
    }
    assertThat(peek.closed).isTrue();
  }

  /** As with a slot that prints transactions when they are prepared. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1_000})
  void aTransactionWithoutItsEndIsNeitherHandedOutNorPassedOver(int memory) {
    List<RawRow> rows = transactions(3, 2);
    rows.add(row(99, "row"));
    try (Window window = open(new FakePeek(rows, null), memory)) {
      for (int i = 0; i < 2; i++) {
        assertThat(window.nextTransaction()).isNotNull();
        while (window.nextRow() != null) {
          // to its end
        }
      }
      assertThatThrownBy(window::nextTransaction)
          .hasMessageStartingWith("DATABASE_FAILED: the peek ended inside a transaction");
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Code.class,
      names = {"PEEK_TIMEOUT", "SERVER_LIMIT", "DATABASE_FAILED"})
  void whatWasReadBeforeAFailureIsHandedOutFirst(Code code) {
    List<RawRow> rows = transactions(3, 600, 2);
    rows.add(row(9_999, "row"));
    SlotException failure = new SlotException(code, "as told", null);
    List<String> read = new ArrayList<>();
    try (Window window = open(new FakePeek(rows, failure), 1_000)) {
      assertThatThrownBy(
              () -> {
                for (Commit c = window.nextTransaction(); c != null; c = window.nextTransaction()) {
                  read.add(c.lsn().toString());
                  while (window.nextRow() != null) {
                    // to the end of the transaction
                  }
                }
              })
          .isSameAs(failure);
    }
    assertThat(read).containsExactly("0/2", "0/25A", "0/25C");
  }

  @Test
  void whereTheLockIsGoneNothingMoreIsHandedOut() throws Exception {
    SlotException failure = new SlotException(Code.CONNECTION_LOST, "as told", null);
    FakePeek peek = new FakePeek(transactions(512, 512, 1_024), failure);
    peek.hangs = true;
    try (Window window = open(peek, 1 << 20)) {
      window.nextTransaction();
      peek.reached.await();
      peek.cancelled.countDown();
      while (!peek.closed) {
        Thread.onSpinWait();
      }

      assertThatThrownBy(() -> read(window)).isInstanceOf(Exception.class);
    }
    try (Window window = open(new FakePeek(transactions(512, 512), failure), 1 << 20)) {
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 3; i++) {
                  window.nextTransaction();
                  while (window.nextRow() != null) {
                    // to the end of the transaction
                  }
                }
              })
          .isSameAs(failure);
    }
  }

  /** Two values of hundreds of megabytes would not fit the heap together. */
  @ParameterizedTest
  @ValueSource(ints = {1 << 18, 300_000})
  void aLargeRowIsPutAwayBeforeTheNextOneIsAskedFor(int length) throws Exception {
    FakePeek peek = new FakePeek(List.of(row(0, "C"), row(1, "x".repeat(length))), null);
    peek.hangs = true;
    try (Window window = open(peek, 0)) {
      peek.reached.await();

      assertThat(window.rows()).isEqualTo(2);
    }
  }

  @Test
  void whatFitsTheStorageIsHandedOutBeforeItsFailure() {
    Path missing = directory.resolve("missing");
    List<RawRow> rows = transactions(512, 512, 512);
    FakePeek peek = new FakePeek(rows, null);
    List<String> read = new ArrayList<>();
    try (Window window = Window.open(peek, ENDS, new Spill(15_000, missing))) {
      while (window.isReading()) {
        Thread.onSpinWait(); // so that nothing makes room for the second batch
      }
      assertThatThrownBy(
              () -> {
                for (Commit c = window.nextTransaction(); c != null; c = window.nextTransaction()) {
                  read.add(c.lsn().toString());
                  while (window.nextRow() != null) {
                    // to the end of the transaction
                  }
                }
              })
          .isInstanceOf(SpillException.class)
          .hasMessageStartingWith("SPILL_FAILED");
    }
    assertThat(read).first().isEqualTo("0/1FF");
  }

  @Test
  void closingCancelsAPeekThatIsStillReadingAndLeavesNoFile() throws Exception {
    FakePeek peek = new FakePeek(transactions(600, 600), null);
    peek.hangs = true;
    Window window = open(peek, 0);
    window.nextTransaction();

    window.close();

    assertThat(peek.closed).isTrue();
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void closingWaitsForTheReaderEvenIfCancellingFails() {
    FakePeek peek = new FakePeek(transactions(600), null);
    peek.hangs = true;
    peek.cancelFails = true;
    Window window = open(peek, 1_000);

    assertThatThrownBy(window::close).hasMessageContaining("as told");

    assertThat(peek.closed).isTrue();
  }

  @Test
  void transactionsAreTakenWhole() {
    try (Window window = open(new FakePeek(transactions(2, 2), null), 1_000)) {
      window.nextTransaction();
      window.nextRow();

      assertThatThrownBy(window::nextTransaction).isInstanceOf(IllegalStateException.class);
    }
  }
}

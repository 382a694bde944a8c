package dev.pg2kinesis.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.decode.RawRow;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolTest {

  @TempDir Path directory;

  @Test
  void givesRowsBackInOrderWhateverWasSpilled() {
    Random random = new Random(7);
    try (Spool spool = new Spool(new Spill(4_000, directory))) {
      List<String> in = new ArrayList<>();
      List<String> out = new ArrayList<>();
      int next = 0;
      boolean spilled = false;
      for (int step = 0; step < 2_000; step++) {
        if (random.nextInt(5) < 3) {
          RowBatch rows = new RowBatch();
          for (int i = random.nextInt(4); i >= 0; i--) {
            RawRow row = row(next++, random.nextInt(300));
            Commit commit = random.nextInt(3) == 0 ? commit(row, random) : null;
            rows.add(row, commit);
            in.add(text(row) + (commit == null ? "" : commit));
          }
          spool.put(rows);
          spilled |= spool.spilledBytes() > 0;
        } else {
          take(spool, out);
        }
      }
      while (take(spool, out)) {
        // until it is empty
      }

      assertThat(out).isEqualTo(in);
      assertThat(spilled).isTrue();
      assertThat(spool.spilledBytes()).isZero();
    }
  }

  @Test
  void overwritesTheFileOnceItIsRead() {
    try (Spool spool = new Spool(new Spill(0, directory))) {
      for (int i = 0; i < 100; i++) {
        spool.put(batch(row(i, 1_000)));
        take(spool, new ArrayList<>());
      }
      assertThat(spool.fileBytes()).isEqualTo(1_016);
    }
  }

  @Test
  void keepsNothingInTheFileSystem() throws Exception {
    try (Spool spool = new Spool(new Spill(0, directory))) {
      spool.put(batch(row(1, 10)));
    }
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void namesTheSettingWhenThereIsNoRoom() {
    Path missing = directory.resolve("missing");
    try (Spool spool = new Spool(new Spill(0, missing))) {
      assertThatThrownBy(() -> spool.put(batch(row(1, 10))))
          .isInstanceOf(SpillException.class)
          .hasMessageStartingWith("SPILL_FAILED")
          .hasMessageContaining("ephemeral storage")
          .hasMessageContaining("SPILL_THRESHOLD_MB");
    }
  }

  @Test
  void rowsTakeNoMoreThanAQuarterOfTheHeap() {
    long setting = 64L << 20;
    assertThat(Spill.within(870L << 20, setting, directory).thresholdBytes()).isEqualTo(setting);
    assertThat(Spill.within(128L << 20, setting, directory).thresholdBytes()).isEqualTo(32L << 20);
  }

  private static boolean take(Spool spool, List<String> out) {
    RowBatch rows = spool.take();
    if (rows == null) {
      return false;
    }
    for (int i = 0, transaction = 0; i < rows.size(); i++) {
      boolean ends = rows.isEndOf(transaction, i);
      out.add(text(rows.row(i)) + (ends ? rows.commit(transaction++) : ""));
    }
    return true;
  }

  private static RowBatch batch(RawRow row) {
    RowBatch batch = new RowBatch();
    batch.add(row, null);
    return batch;
  }

  /** With or without a time, and not always the row's own LSN. */
  private static Commit commit(RawRow row, Random random) {
    Instant time = Instant.ofEpochSecond(random.nextLong(1L << 40) - (1L << 39), 999_999_000);
    return new Commit(row.xid(), row.lsn().plus(1), random.nextBoolean() ? time : null);
  }

  private static RawRow row(int number, int length) {
    byte[] bytes = new byte[length];
    new Random(number).nextBytes(bytes);
    return new RawRow(new Lsn(-number), 0xFFFFFFFFL - number, bytes);
  }

  private static String text(RawRow row) {
    return row.lsn() + " " + row.xid() + " " + Arrays.toString(row.bytes());
  }
}

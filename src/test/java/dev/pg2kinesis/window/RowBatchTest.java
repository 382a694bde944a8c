package dev.pg2kinesis.window;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.decode.RawRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RowBatchTest {

  private static final int LARGE = 256 * 1024;

  @Test
  void givesRowsBackAsTheyCame() {
    Random random = new Random(11);
    List<RawRow> rows = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      int length = random.nextInt(50) == 0 ? random.nextInt(2 * LARGE) : random.nextInt(400);
      byte[] bytes = new byte[length];
      random.nextBytes(bytes);
      rows.add(new RawRow(new Lsn(random.nextLong()), random.nextInt() & 0xFFFFFFFFL, bytes));
    }

    List<RawRow> back = new ArrayList<>();
    RowBatch batch = new RowBatch();
    for (RawRow row : rows) {
      if (!batch.hasRoom(row.bytes().length)) {
        assertThat(batch.heapBytes()).isLessThan(3 * LARGE + 512 * 32);
        takeAll(batch, back);
        batch = RowBatch.after(batch);
      }
      batch.add(row, null);
    }
    takeAll(batch, back);

    assertThat(back).hasSameSizeAs(rows);
    for (int i = 0; i < rows.size(); i++) {
      assertThat(back.get(i).lsn()).isEqualTo(rows.get(i).lsn());
      assertThat(back.get(i).xid()).isEqualTo(rows.get(i).xid());
      assertThat(back.get(i).bytes()).isEqualTo(rows.get(i).bytes());
    }
  }

  /** Several copies of a value of hundreds of megabytes would not fit the heap. */
  @Test
  void doesNotCopyALargeRow() {
    byte[] large = new byte[LARGE];
    RowBatch batch = new RowBatch();
    batch.add(new RawRow(new Lsn(1), 1, large), null);

    assertThat(batch.row(0).bytes()).isSameAs(large);
    assertThat(batch.hasRoom(0)).as("room beside it").isTrue();
    assertThat(batch.hasRoom(1)).isFalse();
  }

  @Test
  void takesRowsWithoutBytes() {
    RowBatch batch = new RowBatch();
    for (int i = 0; i < 512; i++) {
      assertThat(batch.hasRoom(0)).isTrue();
      batch.add(new RawRow(new Lsn(i), i, new byte[0]), null);
    }

    assertThat(batch.hasRoom(0)).isFalse();
    assertThat(batch.row(511).lsn()).isEqualTo(new Lsn(511));
    assertThat(batch.row(511).bytes()).isEmpty();
  }

  private static void takeAll(RowBatch batch, List<RawRow> rows) {
    for (int i = 0; i < batch.size(); i++) {
      rows.add(batch.row(i));
    }
  }
}

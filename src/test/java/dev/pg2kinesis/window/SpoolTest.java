package dev.pg2kinesis.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.decode.RawRow;
import dev.pg2kinesis.slot.SlotException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
    try (Spool spool = new Spool(4_000, directory)) {
      List<String> in = new ArrayList<>();
      List<String> out = new ArrayList<>();
      int next = 0;
      boolean spilled = false;
      for (int step = 0; step < 2_000; step++) {
        if (random.nextInt(5) < 3) {
          List<RawRow> rows = new ArrayList<>();
          for (int i = random.nextInt(4); i >= 0; i--) {
            RawRow row = row(next++, random.nextInt(300));
            rows.add(row);
            in.add(text(row));
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
  void usesTheFileAnewOnceItIsRead() {
    try (Spool spool = new Spool(0, directory)) {
      for (int i = 0; i < 100; i++) {
        spool.put(new ArrayList<>(List.of(row(i, 1_000))));
        take(spool, new ArrayList<>());
      }
      assertThat(spool.fileBytes()).isEqualTo(1_016);
    }
  }

  @Test
  void keepsNothingInTheFileSystem() throws Exception {
    try (Spool spool = new Spool(0, directory)) {
      spool.put(new ArrayList<>(List.of(row(1, 10))));
    }
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void namesTheSettingWhenThereIsNoRoom() {
    Path missing = directory.resolve("missing");
    try (Spool spool = new Spool(0, missing)) {
      assertThatThrownBy(() -> spool.put(new ArrayList<>(List.of(row(1, 10)))))
          .isInstanceOf(SlotException.class)
          .hasMessageStartingWith("SPILL_FAILED")
          .hasMessageContaining("ephemeral storage")
          .hasMessageContaining("SPILL_THRESHOLD_MB");
    }
  }

  private static boolean take(Spool spool, List<String> out) {
    List<RawRow> rows = spool.take();
    if (rows == null) {
      return false;
    }
    rows.forEach(row -> out.add(text(row)));
    return true;
  }

  private static RawRow row(int number, int length) {
    byte[] bytes = new byte[length];
    new Random(number).nextBytes(bytes);
    return new RawRow(new Lsn(-number), 0xFFFFFFFFL - number, bytes);
  }

  private static String text(RawRow row) {
    return row.lsn() + " " + row.xid() + " " + java.util.Arrays.toString(row.bytes());
  }
}

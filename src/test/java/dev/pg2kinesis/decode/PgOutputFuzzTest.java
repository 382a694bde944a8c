package dev.pg2kinesis.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.pg2kinesis.change.Catalog;
import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Lsn;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Damaged captures of a real server: each damaged row is refused with a {@link DecodeException} or
 * read as something the grammar allows, and no message repeats a value.
 */
class PgOutputFuzzTest {

  private static final int CASES = 1_000_000;
  private static final int CASES_PER_DECODER = 50;
  private static final String SECRET = "hunter2";
  private static final List<RawRow> CAPTURE = capture();

  private static List<RawRow> capture() {
    List<RawRow> rows = new ArrayList<>();
    try (InputStream in =
            Objects.requireNonNull(PgOutputFuzzTest.class.getResourceAsStream("pgoutput.capture"));
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] fields = line.split(" ", -1);
        byte[] bytes = HexFormat.of().parseHex(fields[2]);
        rows.add(new RawRow(Lsn.parse(fields[0]), Long.parseLong(fields[1]), bytes));
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return List.copyOf(rows);
  }

  @Test
  void captureHoldsEveryMessageAndIsRead() {
    Decoder decoder = new PgOutputDecoder(Catalog.EMPTY);
    List<Change> changes = new ArrayList<>();
    StringBuilder types = new StringBuilder();
    for (RawRow row : CAPTURE) {
      decoder.decode(row, changes::add);
      types.append((char) row.bytes()[0]);
    }

    assertThat(types).contains("B", "C", "O", "R", "Y", "I", "U", "D", "T", "M");
    assertThat(changes).hasSize(26);
  }

  static LongStream seeds() {
    return LongStream.of(1, 2, ThreadLocalRandom.current().nextLong());
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void damageIsRefusedOrRead(long seed) throws Exception {
    // A thread of its own has a short stack, and an exception costs as much as its stack is deep.
    FutureTask<Integer> task = new FutureTask<>(() -> refused(seed));
    new Thread(task, "fuzz").start();
    int refused = task.get();
    System.out.printf("pgoutput fuzz: seed %d, %d cases, %d refused%n", seed, CASES, refused);
    assertThat(refused).isBetween(CASES / 10, 2 * CASES - CASES / 10);
  }

  private static int refused(long seed) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    int refused = 0;
    for (int done = 0; done < CASES; done += CASES_PER_DECODER) {
      Decoder decoder = new PgOutputDecoder(Catalog.EMPTY);
      CAPTURE.forEach(row -> decodeRelation(decoder, row));
      for (int i = 0; i < CASES_PER_DECODER; i++) {
        RawRow row = damaged(random);
        refused += isRefused(() -> decoder.decode(row, PgOutputFuzzTest::check), row, seed);
        refused += isRefused(() -> PgOutputDecoder.commitOf(row), row, seed);
      }
    }
    return refused;
  }

  private static void decodeRelation(Decoder decoder, RawRow row) {
    if (row.bytes()[0] == 'R') {
      decoder.decode(row, change -> {});
    }
  }

  /** Touches what a formatter would touch. */
  private static void check(Change change) {
    if (change instanceof Change.RowChange row) {
      Objects.requireNonNull(row.table().toString());
      row.key().forEach(Objects::requireNonNull);
    }
  }

  private static int isRefused(Runnable call, RawRow row, long seed) {
    try {
      call.run();
      return 0;
    } catch (DecodeException e) {
      String message = Objects.requireNonNull(e.getMessage());
      if (message.contains(SECRET) || !message.contains(" at byte ")) {
        fail("seed " + seed + ": " + message);
      }
      return 1;
    } catch (RuntimeException | Error e) {
      String bytes = HexFormat.of().formatHex(row.bytes());
      throw new AssertionError("seed " + seed + ": " + bytes, e);
    }
  }

  private static RawRow damaged(RandomGenerator random) {
    RawRow row = CAPTURE.get(random.nextInt(CAPTURE.size()));
    byte[] bytes = row.bytes().clone();
    int damages = 1 + random.nextInt(3);
    for (int i = 0; i < damages; i++) {
      bytes = damaged(bytes, random);
    }
    return new RawRow(row.lsn(), row.xid(), bytes);
  }

  private static byte[] damaged(byte[] bytes, RandomGenerator random) {
    // Most of a capture is values: aim at the front, where the structure is, half of the time.
    int bound = random.nextBoolean() ? Math.min(bytes.length, 30) : bytes.length;
    int at = random.nextInt(bound + 1);
    return switch (random.nextInt(7)) {
      case 0 -> Arrays.copyOf(bytes, at);
      case 1 -> Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(8));
      case 2 -> replaced(bytes, at, (byte) random.nextInt());
      case 3 -> replaced(bytes, at, (byte) "ntubKONdfi\0\1\2\377".charAt(random.nextInt(14)));
      case 4 -> flipped(bytes, at, random.nextInt(8));
      case 5 -> without(bytes, at, random.nextInt(6));
      default -> spliced(bytes, at, CAPTURE.get(random.nextInt(CAPTURE.size())).bytes());
    };
  }

  private static byte[] replaced(byte[] bytes, int at, byte value) {
    if (at < bytes.length) {
      bytes[at] = value;
    }
    return bytes;
  }

  private static byte[] flipped(byte[] bytes, int at, int bit) {
    return at < bytes.length ? replaced(bytes, at, (byte) (bytes[at] ^ (1 << bit))) : bytes;
  }

  private static byte[] without(byte[] bytes, int at, int count) {
    int end = Math.min(bytes.length, at + count);
    byte[] rest = Arrays.copyOf(bytes, bytes.length - (end - at));
    System.arraycopy(bytes, end, rest, at, bytes.length - end);
    return rest;
  }

  private static byte[] spliced(byte[] front, int at, byte[] back) {
    int from = Math.min(at, back.length);
    byte[] both = Arrays.copyOf(front, at + back.length - from);
    System.arraycopy(back, from, both, at, back.length - from);
    return both;
  }
}

package dev.pg2kinesis.decode;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.change.Catalog;
import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Change.RowChange;
import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.TableName;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Rows that a real server printed, damaged. Whatever a decoder is given, it reads it or says what
 * was expected where: it throws nothing else, repeats no value and does not hang. What it remembers
 * of earlier rows changes nothing, damaged ones among them.
 *
 * <p>{@code -Dfuzz.cases} sets how many rows each decoder gets, {@code -Dfuzz.seed} repeats a run.
 */
class DecoderFuzzTest {

  private static final int CASES = Integer.getInteger("fuzz.cases", 500_000);
  private static final byte[] SECRET = "s3cr3t".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] TELLING =
      "'\"\\,:[](){} \n0123456789nutfBIUDTMCKON\u0000".getBytes(StandardCharsets.US_ASCII);

  @ParameterizedTest
  @EnumSource(Plugin.class)
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void damagedRowsAreReadOrRefused(Plugin plugin) throws InterruptedException, ExecutionException {
    FutureTask<Boolean> fuzz =
        new FutureTask<>(
            () -> {
              fuzz(plugin, 20260131, CASES / 2);
              fuzz(plugin, Long.getLong("fuzz.seed", System.nanoTime()), CASES / 2);
              return true;
            });
    // In a thread of its own, whose short stack makes exceptions cheap.
    Thread thread = new Thread(fuzz, "fuzz " + plugin);
    thread.setDaemon(true);
    thread.start();
    assertThat(fuzz.get()).isTrue();
  }

  private static void fuzz(Plugin plugin, long seed, int cases) {
    System.out.println(plugin + ": " + cases + " damaged rows, seed " + seed);
    List<RawRow> rows = CapturedRows.of(plugin);
    Catalog catalog = catalog(plugin, rows);
    SplittableRandom random = new SplittableRandom(seed);
    Decoder decoder = warm(plugin, catalog, rows);
    int refused = 0;
    for (int i = 0; i < cases; i++) {
      RawRow row = damaged(rows, random);
      Object read;
      try {
        read = read(plugin, decoder, row);
        if (i % 4 == 0
            && plugin != Plugin.PGOUTPUT
            && !read(plugin, Decoders.of(plugin, catalog), row).equals(read)) {
          throw new AssertionError("a new decoder reads it differently");
        }
      } catch (RuntimeException | Error e) {
        throw new AssertionError(
            "seed " + seed + ", case " + i + ", row " + HexFormat.of().formatHex(row.bytes()), e);
      }
      if (read instanceof String) {
        refused++;
      }
    }
    // Or else this tests one of the two only.
    assertThat(refused).isBetween(cases / 20, cases - cases / 100);
  }

  /** The changes, or the message of the refusal. */
  private static Object read(Plugin plugin, Decoder decoder, RawRow row) {
    try {
      List<Object> read = new ArrayList<>();
      Commit commit = Decoders.commitReader(plugin).commitOf(row);
      if (commit != null) {
        read.add(commit);
      }
      decoder.decode(row, read::add);
      return read;
    } catch (DecodeException e) {
      String message = String.valueOf(e.getMessage());
      if (message.contains("s3cr3t") || message.length() > 400 || e.getCause() != null) {
        throw new AssertionError("a message that says more than what was expected where", e);
      }
      return message;
    }
  }

  private static Decoder warm(Plugin plugin, Catalog catalog, List<RawRow> rows) {
    Decoder decoder = Decoders.of(plugin, catalog);
    rows.forEach(row -> decoder.decode(row, change -> {}));
    return decoder;
  }

  /** A catalog that knows every second table, those with REPLICA IDENTITY FULL. */
  private static Catalog catalog(Plugin plugin, List<RawRow> rows) {
    Map<TableName, Catalog.Table> tables = new HashMap<>();
    List<Change> changes = new ArrayList<>();
    Decoder decoder = Decoders.of(plugin, Catalog.EMPTY);
    rows.forEach(row -> decoder.decode(row, changes::add));
    for (Change change : changes) {
      if (change instanceof RowChange row
          && row.after() != null
          && row.table().name().length() % 2 == 0) {
        List<Column> columns = row.after().columns();
        tables.putIfAbsent(row.table(), KnownTable.withoutKey().full().columns(columns).build());
      }
    }
    return new Catalog(tables, Map.of());
  }

  private static RawRow damaged(List<RawRow> rows, SplittableRandom random) {
    RawRow row = rows.get(random.nextInt(rows.size()));
    byte[] bytes = row.bytes();
    for (int i = random.nextInt(3); i >= 0; i--) {
      bytes = damaged(bytes, rows, random);
    }
    return new RawRow(row.lsn(), row.xid(), bytes);
  }

  private static byte[] damaged(byte[] bytes, List<RawRow> rows, SplittableRandom random) {
    int at = random.nextInt(bytes.length + 1);
    int to = Math.min(bytes.length, at + random.nextInt(1, 20));
    return switch (random.nextInt(8)) {
      case 0 -> Arrays.copyOf(bytes, at);
      case 1 -> Arrays.copyOfRange(bytes, at, bytes.length);
      case 2 -> joined(bytes, at, to, new byte[0]);
      case 3 -> joined(bytes, at, at, Arrays.copyOfRange(bytes, at, to));
      case 4 -> joined(bytes, at, at, SECRET);
      case 5 -> joined(bytes, at, Math.min(at + 1, bytes.length), telling(random));
      case 6 -> joined(bytes, at, Math.min(at + 1, bytes.length), any(random));
      default -> {
        byte[] other = rows.get(random.nextInt(rows.size())).bytes();
        int from = random.nextInt(other.length + 1);
        yield joined(bytes, at, bytes.length, Arrays.copyOfRange(other, from, other.length));
      }
    };
  }

  private static byte[] telling(SplittableRandom random) {
    return new byte[] {TELLING[random.nextInt(TELLING.length)]};
  }

  private static byte[] any(SplittableRandom random) {
    return new byte[] {(byte) random.nextInt()};
  }

  /** The bytes with those between two offsets replaced. */
  private static byte[] joined(byte[] bytes, int from, int to, byte[] between) {
    byte[] joined = Arrays.copyOf(bytes, from + between.length + bytes.length - to);
    System.arraycopy(between, 0, joined, from, between.length);
    System.arraycopy(bytes, to, joined, from + between.length, bytes.length - to);
    return joined;
  }
}

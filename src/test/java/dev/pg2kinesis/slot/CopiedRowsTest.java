package dev.pg2kinesis.slot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Money;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.Value;
import dev.pg2kinesis.decode.MoneyText;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CopiedRowsTest {

  private static final List<Column> COLUMNS =
      List.of(new Column("id", "text"), new Column("v", "text"));

  private static CopiedRows rows(List<Column> columns) {
    return new CopiedRows(columns, new MoneyText(new Money(Money.DECIMALS_OF_C, Map.of())));
  }

  /** Rows of all sizes, so that some fill a block, and some are larger than one. */
  @Test
  void eachRowIsWhatWasCopied() {
    Random random = new Random(1);
    List<String> values =
        IntStream.range(0, 2_000)
            .mapToObj(i -> "v".repeat(random.nextInt(100) == 0 ? random.nextInt(600_000) : i))
            .toList();
    CopiedRows rows = rows(COLUMNS);
    long copied = 0;
    for (int i = 0; i < values.size(); i++) {
      byte[] line = (i + "\t" + values.get(i) + "\n").getBytes(UTF_8);
      copied += line.length;
      rows.copied(line);
    }
    assertThat(rows.size()).isEqualTo(values.size());
    assertThat(rows.bytes()).isBetween(copied, copied + 16L * values.size());
    for (int i = 0; i < values.size(); i++) {
      assertThat(rows.get(i).values()).containsExactly(Value.of("" + i), Value.of(values.get(i)));
    }
  }

  @Test
  void aRowWithoutColumnsIsARow() {
    CopiedRows rows = rows(List.of());
    rows.copied("\n".getBytes(UTF_8));
    assertThat(rows).containsExactly(Row.EMPTY);
  }
}

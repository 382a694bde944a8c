package dev.pg2kinesis.format;

import static dev.pg2kinesis.format.ColumnRulesTest.rules;
import static dev.pg2kinesis.format.Given.COMMIT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Change.RowChange;
import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Operation;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.change.Value;
import dev.pg2kinesis.error.CodedException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Nobody can tell hidden values from records, partition keys, sizes and errors: two histories that
 * differ in hidden values alone give the same of all of them, to the byte. Of {@code hmac} they
 * differ in the pseudonyms alone.
 */
class ColumnSecrecyTest {

  private static final int ROUNDS = 6;
  private static final byte[] KEY = "k".repeat(32).getBytes(StandardCharsets.UTF_8);

  private static final ColumnRules RULES =
      rules(
          "public.t.gone, public.*.gone_?",
          "*.*.id=hmac, *.*.tenant=hmac, *.*.red_*=redact, *.*.card=last:4, *.*.bio=truncate:3",
          "t: tenant");

  private static final List<Column> COLUMNS =
      List.of(
          new Column("id", "bigint"),
          new Column("tenant", "uuid"),
          new Column("gone", "jsonb"),
          new Column("gone_2", "text[]"),
          new Column("red_bytes", "bytea"),
          new Column("red_time", "timestamp with time zone"),
          new Column("red_flag", "boolean"),
          new Column("red_number", "numeric"),
          new Column("red_array", "integer[]"),
          new Column("red_point", "point"),
          new Column("card", "character"),
          new Column("bio", "public.citext"),
          new Column("open", "text"));

  /** One of two histories; the same seed makes the same choices in both. */
  private static final class History {
    private final Random choices;
    private final Random secrets;
    private final boolean full;
    private final Map<String, String> pseudonyms = new HashMap<>();
    private final List<String> ids = new ArrayList<>();

    History(long seed, long secretSeed) {
      this.choices = new Random(seed);
      this.secrets = new Random(secretSeed);
      this.full = choices.nextBoolean();
      for (int i = 0; i < 4; i++) {
        String id = Long.toString(secrets.nextLong());
        ids.add(id);
        Value pseudonym =
            new Masker(KEY).masked(new Mask.Hmac(), COLUMNS.get(0).type(), Value.of(id));
        pseudonyms.put(((Value.Text) pseudonym).text(), "<" + i + ">");
      }
    }

    List<Change> changes() {
      List<Change> changes = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        Row row = row();
        switch (choices.nextInt(4)) {
          case 0 -> changes.add(change(Operation.INSERT, null, row));
          case 1 -> changes.add(change(Operation.DELETE, full ? row : key(row), null));
          case 2 -> changes.add(change(Operation.UPDATE, null, row));
          default -> changes.add(change(Operation.UPDATE, full ? row() : key(row()), row));
        }
      }
      return changes;
    }

    /** Both columns that make keys are the replica identity. */
    private static RowChange change(
        Operation operation, @Nullable Row before, @Nullable Row after) {
      return new RowChange(
          Given.LSN,
          operation,
          new TableName("public", "t"),
          List.of("id", "tenant"),
          before,
          after);
    }

    private static Row key(Row row) {
      return new Row(COLUMNS.subList(0, 2), row.values().subList(0, 2));
    }

    private Row row() {
      List<Value> values = new ArrayList<>();
      for (Column column : COLUMNS) {
        int kind = choices.nextInt(8);
        boolean key = values.size() < 2;
        values.add(
            kind == 0 && !key
                ? Value.NULL
                : kind == 1 && !key ? Value.UNCHANGED : Value.of(text(column.name())));
      }
      return new Row(COLUMNS, values);
    }

    private String text(String column) {
      long secret = secrets.nextLong() >>> 1;
      return switch (column) {
        case "id", "tenant" -> ids.get(choices.nextInt(ids.size()));
        case "gone" -> "{\"a\": " + secret + "}" + "x".repeat(secrets.nextInt(50));
        case "gone_2" -> "{" + secret + "}";
        case "red_bytes" -> "\\x" + "ab".repeat(secrets.nextInt(9));
        case "red_time" -> (1000 + secret % 9000) + "-02-03 04:05:06+00";
        case "red_flag" -> secret % 2 == 0 ? "t" : "f";
        case "red_number" -> secret % 3 == 0 ? "NaN" : Long.toString(secret);
        case "red_array" -> "{" + secret % 7 + ",NULL," + secret % 5 + "}";
        case "red_point" -> "(" + secret % 7 + "," + secret % 5 + ")";
        case "card" -> secret + "1234  ";
        case "bio" -> "aé😀" + secret + "漢".repeat(secrets.nextInt(9));
        default -> "open " + choices.nextInt(3);
      };
    }

    String withoutPseudonyms(String text) {
      String result = text;
      for (Map.Entry<String, String> pseudonym : pseudonyms.entrySet()) {
        result = result.replace(pseudonym.getKey(), pseudonym.getValue());
      }
      return result;
    }
  }

  private static List<String> told(
      Format format, Oversize oversize, int maxRecordBytes, History history) {
    RecordMaker records =
        new RecordMaker(
            new RecordMaker.Plan(
                format.formatter(Given.EVERYTHING),
                PartitionKey.PRIMARY_KEY,
                ChangeFilter.ALL,
                oversize,
                maxRecordBytes,
                "s"),
            RULES,
            new Masker(KEY));
    List<String> told = new ArrayList<>();
    RecordMaker.Transaction transaction = records.begin(COMMIT);
    for (Change change : history.changes()) {
      try {
        transaction.accept(change, made -> told.add(history.withoutPseudonyms(text(made))));
        if (change.operation() == Operation.INSERT) {
          StreamRecord read = records.read(COMMIT, (RowChange) change);
          told.add(read == null ? "none" : history.withoutPseudonyms(text(read)));
        }
      } catch (CodedException e) {
        told.add(e.toString());
      }
    }
    told.add(records.changes() + " " + records.filtered() + " " + records.oversized());
    return told;
  }

  private static String text(StreamRecord made) {
    return made.partitionKey() + " " + new String(made.payload(), StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @EnumSource
  void whatIsHiddenChangesNothing(Format format) {
    for (int round = 0; round < ROUNDS; round++) {
      for (Oversize oversize : Oversize.values()) {
        for (int maxRecordBytes : List.of(300, 700, 20_000)) {
          List<String> one =
              told(format, oversize, maxRecordBytes, new History(round, 1_000 + round));
          List<String> other =
              told(format, oversize, maxRecordBytes, new History(round, 2_000 + round));

          assertThat(other).isEqualTo(one);
        }
      }
    }
  }

  /** The test would not hold without the rules, or it would prove nothing. */
  @Test
  void withoutRulesTheHistoriesDiffer() {
    assertThat(new History(1, 1_001).changes()).isNotEqualTo(new History(1, 2_001).changes());
    assertThat(told(Format.DEBEZIUM, Oversize.FAIL, 1 << 20, new History(1, 1_001)))
        .filteredOn(text -> text.contains("***") && text.contains("<") && text.contains("***1234"))
        .isNotEmpty();
  }
}

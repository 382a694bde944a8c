package dev.pg2kinesis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.Operation;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.change.Value;
import dev.pg2kinesis.format.ChangeFilter;
import dev.pg2kinesis.format.Format;
import dev.pg2kinesis.format.FormatContext;
import dev.pg2kinesis.format.Oversize;
import dev.pg2kinesis.format.PartitionKey;
import dev.pg2kinesis.format.RecordMaker;
import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the README says is what the code does. */
class ReadmeTest {

  private static String readme;

  @BeforeAll
  static void read() throws IOException {
    readme = Files.readString(Path.of("README.md"));
  }

  @ParameterizedTest
  @EnumSource(Format.class)
  void showsEachFormatToTheByte(Format format) {
    assertThat(readme.lines()).contains(example(format));
  }

  /** {@code INSERT INTO plain VALUES (1, 'Hello')}. */
  private static String example(Format format) {
    RecordMaker records =
        new RecordMaker(
            new RecordMaker.Plan(
                format.formatter(new FormatContext("shop", "pg2kinesis", "1.0.0", false)),
                PartitionKey.PRIMARY_KEY,
                ChangeFilter.ALL,
                Oversize.FAIL,
                1 << 20,
                "pg2kinesis"));
    RecordMaker.Transaction transaction =
        records.begin(
            new Commit(766, Lsn.parse("0/19C3CE8"), Instant.parse("2026-01-02T03:04:05.678901Z")));
    Row row =
        new Row(
            List.of(new Column("id", "integer"), new Column("name", "text")),
            List.of(Value.of("1"), Value.of("Hello")));
    List<StreamRecord> made = new ArrayList<>();
    transaction.accept(
        new Change.RowChange(
            Lsn.parse("0/19C3CB0"),
            Operation.INSERT,
            new TableName("public", "plain"),
            List.of("id"),
            null,
            row),
        made::add);
    return new String(made.get(0).payload(), UTF_8);
  }

  @Test
  void documentsEverySettingAndNoOther() {
    TreeSet<String> documented = new TreeSet<>();
    int table = readme.indexOf("| variable |");
    assertThat(table).isPositive();
    Pattern.compile("`([A-Z][A-Z0-9_]+)`")
        .matcher(
            readme
                .substring(table, readme.indexOf("\n\n", table))
                .lines()
                .map(line -> line.split("\\|", -1)[1])
                .reduce("", (a, b) -> a + " " + b))
        .results()
        .map(MatchResult::group)
        .forEach(name -> documented.add(name.replace("`", "")));

    assertThat(documented).isEqualTo(new TreeSet<>(Settings.NAMES));
  }

  @Test
  void linksOnlyToFilesThatExist() {
    List<String> links =
        Pattern.compile("\\]\\(([^)#:]+)(#[^)]*)?\\)")
            .matcher(readme)
            .results()
            .map(match -> match.group(1))
            .toList();

    assertThat(links).isNotEmpty().allSatisfy(link -> assertThat(Path.of(link)).exists());
  }

  @Test
  void namesOnlyClassesThatExist() {
    List<String> paths =
        Pattern.compile("`(src/main/java/[^`]+)`")
            .matcher(readme)
            .results()
            .map(match -> match.group(1))
            .toList();

    assertThat(paths).isNotEmpty().allSatisfy(path -> assertThat(Path.of(path)).exists());
  }
}

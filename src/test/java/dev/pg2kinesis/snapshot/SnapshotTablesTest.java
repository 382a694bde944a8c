package dev.pg2kinesis.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.change.Operation;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.format.ChangeFilter;
import dev.pg2kinesis.format.TablePatterns;
import dev.pg2kinesis.slot.TableCandidate;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SnapshotTablesTest {

  private static TableName name(String name) {
    return new TableName("public", name);
  }

  /** What is said of a table: the words of the test's tables. */
  private static TableCandidate candidate(String name, String... words) {
    List<String> all = Arrays.asList(words);
    UnaryOperator<String> kind =
        otherwise ->
            all.stream()
                .filter(word -> word.startsWith("kind="))
                .map(word -> word.substring(5))
                .findFirst()
                .orElse(otherwise);
    return new TableCandidate(
        name(name),
        all.stream()
            .filter(word -> word.startsWith("part-of="))
            .map(word -> name(word.substring(8)))
            .toList(),
        100,
        !all.contains("keyless"),
        all.contains("nothing"),
        all.contains("unlogged"),
        kind.apply("r"),
        !all.contains("unpublished"),
        !all.contains("unreadable"),
        all.contains("row-security"));
  }

  private static List<String> chosen(
      List<String> patterns, boolean whole, TableCandidate... candidates) {
    return SnapshotTables.chosen(patterns, List.of(candidates), ChangeFilter.ALL, whole).stream()
        .map(table -> table.name().name())
        .toList();
  }

  @Test
  void patternsChooseTablesInTheirOrder() {
    assertThat(
            chosen(
                List.of("public.b*", "a"),
                false,
                candidate("a"),
                candidate("b1"),
                candidate("b2"),
                candidate("c")))
        .containsExactly("a", "b1", "b2");
  }

  @ParameterizedTest
  @CsvSource({
    "keyless, no primary key",
    "nothing, REPLICA IDENTITY NOTHING",
    "unlogged, is unlogged",
    "kind=v, is a view",
    "kind=m, is a view",
    "kind=f, is a foreign table",
    "unpublished, would not follow",
    "unreadable, GRANT SELECT",
    "row-security, BYPASSRLS"
  })
  void aTableThatCannotBeLoadedIsRefusedWithItsReason(String word, String reason) {
    assertThatThrownBy(() -> chosen(List.of("*"), false, candidate("good"), candidate("t", word)))
        .isInstanceOf(SnapshotRefusedException.class)
        .hasMessageStartingWith("SNAPSHOT_REFUSED: public.t ")
        .hasMessageContaining(reason)
        .hasMessageEndingWith("Nothing was started.");
  }

  @Test
  void aPatternThatMatchesNothingIsRefusedByItsText() {
    assertThatThrownBy(() -> chosen(List.of("a", "no_such_*"), false, candidate("a")))
        .hasMessageContaining("no table matches no_such_*");
  }

  @Test
  void allReasonsAreGivenAtOnce() {
    assertThatThrownBy(
            () ->
                chosen(
                    List.of("*", "x"),
                    false,
                    candidate("a", "keyless"),
                    candidate("b", "unlogged")))
        .hasMessageContaining("public.a has no primary key")
        .hasMessageContaining("public.b is unlogged")
        .hasMessageContaining("no table matches x");
  }

  @Test
  void aTableWithoutAKeyIsReadWholeWhereThatIsAskedFor() {
    assertThat(chosen(List.of("t"), true, candidate("t", "keyless"))).containsExactly("t");
  }

  @Test
  void theNameOfAPartitionedTableStandsForItsPartitions() {
    TableCandidate root = candidate("events", "kind=p", "unpublished");
    TableCandidate january = candidate("e_01", "part-of=events");
    TableCandidate february = candidate("e_02", "part-of=events");
    assertThat(chosen(List.of("events"), false, root, january, february))
        .containsExactly("e_01", "e_02");
  }

  @Test
  void aPartitionThatIsPublishedUnderItsRootIsRefused() {
    TableCandidate root = candidate("events", "kind=p");
    TableCandidate january = candidate("e_01", "part-of=events", "unpublished");
    assertThat(chosen(List.of("public.events"), false, root, january)).containsExactly("events");
    assertThat(chosen(List.of("*"), false, root, january)).containsExactly("events");
    assertThatThrownBy(() -> chosen(List.of("e_01"), false, root, january))
        .hasMessageContaining("is a partition of public.events; name that table");
  }

  @Test
  void filtersMustNotLeaveChangesOut() {
    ChangeFilter inserts =
        new ChangeFilter(
            TablePatterns.parse("*"), TablePatterns.NONE, EnumSet.of(Operation.INSERT));
    assertThatThrownBy(
            () -> SnapshotTables.chosen(List.of("t"), List.of(candidate("t")), inserts, false))
        .hasMessageContaining("OPERATIONS leaves out");
    ChangeFilter others =
        new ChangeFilter(
            TablePatterns.parse("*"), TablePatterns.parse("t"), EnumSet.allOf(Operation.class));
    assertThatThrownBy(
            () -> SnapshotTables.chosen(List.of("t"), List.of(candidate("t")), others, false))
        .hasMessageContaining("left out by TABLES or EXCLUDE_TABLES");
  }
}

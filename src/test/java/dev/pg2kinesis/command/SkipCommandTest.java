package dev.pg2kinesis.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.relay.Deadline;
import dev.pg2kinesis.relay.FakeSlot;
import dev.pg2kinesis.relay.FakeWatermark;
import dev.pg2kinesis.relay.Life;
import dev.pg2kinesis.relay.WindowSize;
import dev.pg2kinesis.window.Spill;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Only the next transaction, only by its exact commit LSN, and never silently. */
class SkipCommandTest {

  @TempDir Path directory;

  private final FakeSlot slot = new FakeSlot();
  private final FakeWatermark.Parameter parameter = new FakeWatermark.Parameter(slot.confirmed());
  private final List<Map<String, Object>> log = new ArrayList<>();

  private Map<String, Object> skip(Lsn to) {
    return new SkipCommand(
            slot,
            new FakeWatermark(parameter, Life.unlimited()),
            WindowSize.of(1_000, 1 << 20),
            Deadline.of(() -> 1_000),
            new Spill(1 << 20, directory),
            line -> {
              assertThat(slot.advances).as("told before it is done").isEmpty();
              log.add(line);
            })
        .to(to);
  }

  private void assertRefused(Lsn to, String reason) {
    assertThatThrownBy(() -> skip(to))
        .hasMessageStartingWith("SKIP_REFUSED: ")
        .hasMessageContaining(reason)
        .hasMessageContaining("Nothing was skipped");
    assertThat(slot.advances).isEmpty();
    assertThat(log).isEmpty();
  }

  @Test
  void skipsTheNextTransactionAndSaysWhatItHeld() {
    slot.commit(); // holds nothing, and so is nothing to lose
    slot.foreignWal(100);
    Lsn poison = slot.commit(1, 2, 3);
    slot.commit(4);
    Lsn before = slot.confirmed();

    Map<String, Object> report = skip(poison);

    assertThat(slot.confirmed()).isEqualTo(poison);
    assertThat(parameter.moved).isEqualTo(poison);
    assertThat(parameter.published).isNull();
    assertThat(log).containsExactly(report);
    assertThat(report)
        .containsEntry("action", "skip")
        .containsEntry("outcome", "SKIPPED")
        .containsEntry("commitTime", "2026-01-02T03:04:05.678901Z")
        .containsEntry("fromLsn", before.toString())
        .containsEntry("toLsn", poison.toString())
        .containsEntry("changes", 3L)
        .containsEntry("unreadableRows", 0L)
        .containsEntry("tables", Map.of("public.t", Map.of("insert", 3L)));
  }

  @Test
  void skipsWhatCannotBeRead() {
    Lsn poison = slot.commit(1, 2, 3);
    slot.garble(poison);

    assertThat(skip(poison))
        .containsEntry("changes", 2L)
        .containsEntry("unreadableRows", 1L)
        .containsEntry("tables", Map.of("public.t", Map.of("insert", 2L)));
    assertThat(slot.confirmed()).isEqualTo(poison);
  }

  @Test
  void refusesWhatIsNotTheNextTransaction() {
    Lsn first = slot.commit(1);
    slot.foreignWal(100);
    Lsn second = slot.commit(2);
    slot.foreignWal(100);

    assertRefused(second, "the next transaction ends at " + first);
    assertRefused(first.plus(50), "the next transaction ends at " + first);
    assertRefused(new Lsn(first.value() - 1), "no transaction ends at");
    assertRefused(slot.confirmed(), "is behind it");
  }

  @Test
  void skipsWhatTheServerCannotDecode() {
    slot.commit();
    slot.foreignWal(100);
    Lsn poison = slot.commit(1, 2, 3);
    slot.commit(4);
    slot.makeUndecodable(poison);

    assertThat(skip(poison))
        .containsEntry("outcome", "SKIPPED")
        .containsEntry("xid", 7L)
        .containsEntry("sqlState", "22012")
        .containsEntry("table", "public.t")
        .containsEntry("toLsn", poison.toString());
    assertThat(slot.confirmed()).isEqualTo(poison);
    assertThat(log).hasSize(1);
  }

  @Test
  void refusesToSkipMoreThanWhatTheServerCannotDecode() {
    Lsn first = slot.commit(1);
    Lsn poison = slot.commit(2);
    Lsn last = slot.commit(3);
    slot.makeUndecodable(poison);

    assertRefused(poison, "the next transaction ends at " + first);
    slot.advance(first);
    slot.advances.clear();
    assertRefused(last, "the next transaction ends at " + poison);
    assertRefused(poison.plus(1), "the next transaction ends at " + poison);
  }
}

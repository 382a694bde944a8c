package dev.pg2kinesis.watermark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.aws.AwsClients;
import dev.pg2kinesis.aws.AwsSettings;
import dev.pg2kinesis.aws.Moto;
import dev.pg2kinesis.aws.VersionedParameter;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.relay.FakeSlot;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two runs that both believe to be the only one must not leave a watermark behind the slot. */
class ParameterWatermarkIT {

  private static final String NAME = "slot";
  private static int names;
  private static Moto moto;

  private final AwsClients clients = new AwsClients();
  private final FakeSlot slot = new FakeSlot();
  private VersionedParameter parameter = new VersionedParameter("/none", clients);
  private AwsSettings settings;
  private final List<Lsn> acceptedGaps = new ArrayList<>();

  @BeforeAll
  static void start() {
    moto = Moto.start();
  }

  @AfterAll
  static void stop() {
    if (moto != null) {
      moto.close();
    }
  }

  @BeforeEach
  void point() {
    settings = new AwsSettings(moto.endpoint());
    parameter = new VersionedParameter("/runs/watermark" + ++names, clients);
  }

  @AfterEach
  void restore() {
    clients.close();
    settings.close();
  }

  private Watermark open() {
    return open(null);
  }

  private Watermark open(@Nullable Lsn accepted) {
    return ParameterWatermark.open(parameter, slot, NAME, "p", accepted, acceptedGaps::add);
  }

  private Lsn moved() {
    return ParameterWatermark.parse(Objects.requireNonNull(parameter.read())).moved();
  }

  private void advance(Watermark watermark, Lsn to) {
    watermark.beforeAdvance(to, to);
    slot.advance(to);
  }

  @Test
  void aRunWithoutTheLockWritesNothing() {
    Lsn commit = slot.commit(1);
    Watermark watermark = open();
    Lsn before = moved();
    slot.lockLost = true;

    assertThatThrownBy(() -> watermark.beforeAdvance(commit, commit))
        .hasMessageStartingWith("LOCK_LOST");
    assertThatThrownBy(() -> watermark.saveResumePoint(new ResumePoint(commit, 1, 1)))
        .hasMessageStartingWith("LOCK_LOST");

    assertThat(moved()).isEqualTo(before);
  }

  @Test
  void aWriteThatComesTooLateIsTakenBack() {
    Lsn first = slot.commit(1);
    Watermark late = open();
    Lsn second = slot.commit(2);
    advance(open(), second);

    assertThatThrownBy(() -> late.beforeAdvance(first, first))
        .hasMessageStartingWith("PARAMETER_CONFLICT");

    assertThat(moved()).isEqualTo(second);
    slot.commit(3);
    advance(open(), slot.commit(4));
  }

  @Test
  void aLateResumePointIsTakenBackToo() {
    Lsn giant = slot.commit(1, 2, 3);
    Watermark late = open();
    advance(open(), giant);

    assertThatThrownBy(() -> late.saveResumePoint(new ResumePoint(giant, 700, 2)))
        .hasMessageStartingWith("PARAMETER_CONFLICT");

    assertThat(moved()).isEqualTo(giant);
    assertThat(open().resumePoint()).isNull();
  }

  @Test
  void aLateWriteThatIsFurtherStays() {
    Lsn first = slot.commit(1);
    Lsn second = slot.commit(2);
    Watermark late = open();
    advance(open(), first);

    assertThatThrownBy(() -> late.beforeAdvance(second, second))
        .hasMessageStartingWith("PARAMETER_CONFLICT");

    assertThat(moved()).isEqualTo(second);
    advance(open(), second);
  }

  @Test
  void tellsOfAGapThatIsAcceptedAndOfNoOther() {
    Lsn commit = slot.commit(1);
    advance(open(slot.position().confirmed()), commit);
    assertThat(acceptedGaps).as("accepted without a gap").isEmpty();
    Lsn jumped = slot.commit(2);
    slot.advance(jumped); // by something else

    assertThatThrownBy(this::open).hasMessageStartingWith("GAP: ");
    assertThat(acceptedGaps).as("refused").isEmpty();

    open(jumped);
    assertThat(acceptedGaps).containsExactly(jumped);
    open(jumped);
    assertThat(acceptedGaps).as("told once").containsExactly(jumped);
  }
}

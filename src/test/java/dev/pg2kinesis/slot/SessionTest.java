package dev.pg2kinesis.slot;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SessionTest {

  @ParameterizedTest
  @CsvSource({"100023, PostgreSQL 10", "90624, PostgreSQL 9.6"})
  void refusesServersWhoseSlotsCannotBeAdvanced(int version, String name) {
    assertThatThrownBy(() -> Session.checkVersion(version))
        .isInstanceOf(SlotException.class)
        .hasMessageStartingWith("SERVER_UNSUPPORTED")
        .hasMessageContaining(name + ", and")
        .hasMessageContaining("Upgrade");
  }

  @Test
  void takesElevenAndNewer() {
    assertThatCode(() -> Session.checkVersion(110_000)).doesNotThrowAnyException();
  }
}

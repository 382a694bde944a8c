package dev.pg2kinesis.slot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.change.Value;
import java.util.List;
import org.junit.jupiter.api.Test;

class CopyTextTest {

  private static List<Value> values(String line) {
    byte[] before = "not\tthis row\n".getBytes(UTF_8);
    byte[] text = ("not\tthis row\n" + line).getBytes(UTF_8);
    return CopyText.values(text, before.length, 2);
  }

  @Test
  void fieldsAreSeparatedByTabs() {
    assertThat(values("1\tä €\t\n")).containsExactly(Value.of("1"), Value.of("ä €"), Value.of(""));
    assertThat(values("")).containsExactly(Value.of(""));
  }

  @Test
  void nullIsNotItsText() {
    assertThat(values("\\N\tN\t\\\\N\n"))
        .containsExactly(Value.NULL, Value.of("N"), Value.of("\\N"));
  }

  @Test
  void escapesAreRead() {
    assertThat(values("a\\tb\\nc\\r\\b\\f\\v\\\\t\tx\n"))
        .containsExactly(Value.of("a\tb\nc\r\b\f\u000b\\t"), Value.of("x"));
  }

  @Test
  void anEscapeWithoutACharacterIsRefused() {
    assertThatThrownBy(() -> values("a\\")).isInstanceOf(IllegalArgumentException.class);
  }
}

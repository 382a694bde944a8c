package dev.pg2kinesis;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.command.CommandRefusedException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.InstantSource;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * An event that is no command ends before anything else begins: no setting is read, no client is
 * made, nothing is written.
 */
class HostileEventTest {

  static Stream<Named<byte[]>> events() {
    return Stream.of(
        named("nothing", ""),
        named("a string", "\"drop-slot\""),
        named("deep", "{\"detail\":".repeat(5000)),
        named("two actions", "{\"action\":\"poll\",\"action\":\"drop-slot\",\"confirm\":\"s\"}"),
        named(
            "two confirmations", "{\"action\":\"drop-slot\",\"confirm\":\"a\",\"confirm\":\"s\"}"),
        named("a database to read", "{\"action\":\"poll\",\"PGHOST\":\"evil\"}"),
        named("no UTF-8", "{\"action\":\"\u00ff\u00fe\"}"),
        named("a character cut off", "{\"action\":\"\u00f0\u009f"),
        named("a character written too long", "{\"action\":\"\u00c0\u00af\"}"),
        named("a surrogate in UTF-8", "{\"action\":\"\u00ed\u00a0\u0080\"}"),
        named("zero bytes", "\0\0\0\0\0"),
        named("UTF-32 beyond all characters", "\0\0\0{\u007f\u00ff\u00ff\u00ff"),
        named("UTF-32 cut off", "\0\0\0{\0\0"),
        named("UTF-16 cut off", "\0{\0\"\0"));
  }

  private static Named<byte[]> named(String name, String bytes) {
    return Named.of(name, bytes.getBytes(ISO_8859_1));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("events")
  void nothingIsDone(byte[] event) {
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    ByteArrayOutputStream result = new ByteArrayOutputStream();
    try (Handler handler =
        new Handler(
            () -> {
              throw new AssertionError("settings were read");
            },
            new PrintStream(log, true, UTF_8),
            InstantSource.system())) {

      assertThatThrownBy(
              () ->
                  handler.handleRequest(
                      new ByteArrayInputStream(event),
                      result,
                      WarmFunction.InvocationContext.of(60_000)))
          .isInstanceOf(CommandRefusedException.class)
          .hasMessageStartingWith("EVENT_INVALID: ")
          .message()
          .doesNotContainPattern("\\p{Cntrl}");
    }
    assertThat(log.size()).isZero();
    assertThat(result.size()).isZero();
  }
}

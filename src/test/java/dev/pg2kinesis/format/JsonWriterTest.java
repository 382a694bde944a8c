package dev.pg2kinesis.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonWriterTest {

  private final Payload payload = new Payload(1_000);

  private static void number(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeNumberField("n", 1);
    json.writeEndObject();
  }

  private static JsonStyle style(String name) {
    return switch (name) {
      case "compact" -> JsonStyle.COMPACT;
      case "python" -> JsonStyle.PYTHON;
      default -> JsonStyle.GO;
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"compact", "python", "go"})
  void oneValueAfterAnotherHasTheSameBytes(String name) {
    JsonWriter writer = new JsonWriter(style(name));
    writer.write(payload, JsonWriterTest::number);
    byte[] first = payload.toByteArray();

    payload.reset();
    writer.write(payload, JsonWriterTest::number);
    assertThat(payload.toByteArray()).isEqualTo(first);
    assertThat(new String(first, UTF_8).replace(" ", "")).isEqualTo("{\"n\":1}");
  }

  @Test
  void writesToWhicheverPayloadItIsGiven() {
    JsonWriter writer = new JsonWriter(JsonStyle.COMPACT);
    Payload other = new Payload(1_000);
    writer.write(payload, JsonWriterTest::number);
    writer.write(other, JsonWriterTest::number);
    writer.write(payload, JsonWriterTest::number);
    assertThat(payload.toByteArray()).asString(UTF_8).isEqualTo("{\"n\":1}{\"n\":1}");
    assertThat(other.toByteArray()).asString(UTF_8).isEqualTo("{\"n\":1}");
  }

  @Test
  void aValueThatFailedHalfWayLeavesNothingForTheNext() {
    JsonWriter writer = new JsonWriter(JsonStyle.COMPACT);
    assertThatThrownBy(
            () ->
                writer.write(
                    payload,
                    json -> {
                      json.writeStartObject();
                      throw new IllegalStateException("half way");
                    }))
        .hasMessage("half way");
    payload.reset();
    writer.write(payload, JsonWriterTest::number);
    assertThat(payload.toByteArray()).asString(UTF_8).isEqualTo("{\"n\":1}");
  }
}

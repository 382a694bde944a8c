package dev.pg2kinesis.aws;

import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlainJsonTest {

  static Stream<Arguments> values() {
    return Stream.of(
        Arguments.of("", null),
        Arguments.of(" \n", null),
        Arguments.of("null", null),
        Arguments.of("true", true),
        Arguments.of("\"\\ud83d\\ude00\\n\"", "😀\n"),
        Arguments.of("-0", 0),
        Arguments.of("2147483647", Integer.MAX_VALUE),
        Arguments.of("2147483648", 1L << 31),
        Arguments.of("-9223372036854775808", Long.MIN_VALUE),
        Arguments.of("9223372036854775808", BigInteger.ONE.shiftLeft(63)),
        Arguments.of("1.0", 1.0),
        Arguments.of("1e3", 1e3),
        Arguments.of("1e400", Double.POSITIVE_INFINITY),
        Arguments.of("[]", List.of()),
        Arguments.of("[1,null,[\"\"]]", Arrays.asList(1, null, List.of(""))),
        Arguments.of("{}", Map.of()),
        Arguments.of("{\"a\":{\"\":[]}}", Map.of("a", Map.of("", List.of()))));
  }

  @ParameterizedTest
  @MethodSource("values")
  void readsEachKindOfValue(String text, @Nullable Object value) throws IOException {
    assertThat(PlainJson.read(text)).isEqualTo(value);
    assertThat(PlainJson.readLenient(text)).isEqualTo(value);
    for (Charset charset : List.of(UTF_8, UTF_16BE, UTF_16LE)) {
      assertThat(PlainJson.read(text.getBytes(charset))).as(charset.name()).isEqualTo(value);
    }
  }

  @Test
  void fieldsKeepTheirOrderAndNullIsAField() throws IOException {
    Map<?, ?> fields = PlainJson.fields(PlainJson.read("{\"z\":1,\"a\":null,\"m\":{},\"b\":2}"));

    assertThat(List.copyOf(fields.keySet())).isEqualTo(List.of("z", "a", "m", "b"));
    assertThat(fields.containsKey("a")).isTrue();
    assertThat(PlainJson.fields(List.of("z"))).isEmpty();
    assertThat(PlainJson.fields(null)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{",
        "[1,]",
        "{\"a\":1,}",
        "{a:1}",
        "'a'",
        "01",
        "+1",
        ".5",
        "NaN",
        "-Infinity",
        "tru",
        "/**/1",
        "1 2",
        "{}{}",
        "null x",
        "\"\t\"",
        "\"\\x\""
      })
  void refusesWhatIsNotOneValue(String text) {
    assertThatIOException().isThrownBy(() -> PlainJson.read(text));
    assertThatIOException().isThrownBy(() -> PlainJson.read(text.getBytes(UTF_8)));
    assertThatIOException().isThrownBy(() -> PlainJson.readLenient(text));
  }

  @Test
  void refusesWhatIsTooDeepOrTooLong() throws IOException {
    assertThat(PlainJson.read("[".repeat(1_000) + "]".repeat(1_000))).isInstanceOf(List.class);
    assertThatIOException().isThrownBy(() -> PlainJson.read("[".repeat(1_001) + "]".repeat(1_001)));
    assertThat(PlainJson.read("9".repeat(1_000))).isInstanceOf(BigInteger.class);
    assertThatIOException().isThrownBy(() -> PlainJson.read("9".repeat(1_001)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":1,\"a\":2}",
        "{\"a\":null,\"a\":2}",
        "{\"a\":{},\"b\":1,\"a\":2}",
        "[{\"b\":1,\"c\":{\"a\":1,\"\\u0061\":2}}]"
      })
  void aNameStandsOnce(String text) throws IOException {
    assertThatIOException().isThrownBy(() -> PlainJson.read(text));
    assertThat(PlainJson.text(PlainJson.readLenient(text)))
        .contains("\"a\":2")
        .doesNotContain("\"a\":1", "\"a\":null", "\"a\":{}");
  }

  @Test
  void writesEveryValue() throws IOException {
    String text =
        "{\"z\":[1,-2147483649,9223372036854775808,1.5,1000.0,true,null,{}],\"a\":null,"
            + "\"\\\"\\n\":{\"é😀\":\"\\u0001/\"}}";

    assertThat(PlainJson.text(PlainJson.read(text))).isEqualTo(text);
    assertThat(PlainJson.text(null)).isEqualTo("null");
  }

  @Test
  void onlyAWholeNumberThatFitsIsALong() {
    assertThat(PlainJson.asLong(7)).isEqualTo(7);
    assertThat(PlainJson.asLong(Long.MIN_VALUE)).isEqualTo(Long.MIN_VALUE);
    assertThat(PlainJson.asLong(BigInteger.ONE.shiftLeft(63))).isNull();
    assertThat(PlainJson.asLong(7.0)).isNull();
    assertThat(PlainJson.asLong("7")).isNull();
    assertThat(PlainJson.asLong(null)).isNull();
  }
}

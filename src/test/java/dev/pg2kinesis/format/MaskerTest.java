package dev.pg2kinesis.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.change.Type;
import dev.pg2kinesis.change.Type.Kind;
import dev.pg2kinesis.change.Value;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What each mask makes of a value. */
class MaskerTest {

  private static final Type TEXT = Type.named("text");

  private final Masker masker = new Masker("0".repeat(64).getBytes(StandardCharsets.UTF_8));

  private static Mask mask(String name) {
    return Objects.requireNonNull(Mask.parse(name));
  }

  @ParameterizedTest(name = "{0} of [{1}]")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      ignoreLeadingAndTrailingWhitespace = true,
      textBlock =
          """
          redact     | 'secret'           | '***'
          redact     | ''                 | '***'
          last:4     | '4111111111111234' | '***1234'
          last:4     | '12345'            | '***2345'
          last:4     | '1234'             | '***'
          last:4     | '1'                | '***'
          last:4     | ''                 | '***'
          last:2     | 'aé漢😀'           | '***漢😀'
          last:1     | '😀😁'             | '***😁'
          last:1     | '😀'               | '***'
          last:3     | 'ab  '             | '***b  '
          truncate:3 | 'abcdef'           | 'abc'
          truncate:3 | 'abc'              | 'abc'
          truncate:3 | 'a'                | 'a'
          truncate:3 | ''                 | ''
          truncate:2 | '😀😁😂'           | '😀😁'
          truncate:2 | 'é漢😀'            | 'é漢'
          truncate:4 | 'a  b  c'          | 'a  b'
          truncate:1 | 'e\u0301x'         | 'e'
          """)
  void ofTexts(String name, String text, String expected) {
    assertThat(masker.masked(mask(name), TEXT, Value.of(text))).isEqualTo(Value.of(expected));
  }

  /** Blanks at the end are no part of a value of character(n), so they hide nothing else either. */
  @ParameterizedTest(name = "{0} of [{1}]")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      textBlock =
          """
          last:4     | '12345678  ' | '***5678'
          last:4     | '1234      ' | '***'
          last:4     | '          ' | '***'
          truncate:3 | 'ab        ' | 'ab'
          """)
  void ofPaddedTexts(String name, String text, String expected) {
    Type character = Type.named("character");
    for (Type type : List.of(character, new Type.Domain("public.code", character))) {
      assertThat(masker.masked(mask(name), type, Value.of(text))).isEqualTo(Value.of(expected));
      assertThat(masker.masked(mask("hmac"), type, Value.of(text)))
          .isEqualTo(masker.masked(mask("hmac"), TEXT, Value.of(text.stripTrailing())));
    }
  }

  @ParameterizedTest
  @CsvSource({"redact", "hmac", "last:4", "truncate:20"})
  void nullAndUnchangedStay(String name) {
    assertThat(masker.masked(mask(name), TEXT, Value.NULL)).isSameAs(Value.NULL);
    assertThat(masker.masked(mask(name), TEXT, Value.UNCHANGED)).isSameAs(Value.UNCHANGED);
  }

  /** RFC 4231, section 4: test cases 1, 2, 4 and 6, as far as their texts are texts. */
  @ParameterizedTest
  @MethodSource
  void hmacIsThatOfTheStandard(byte[] key, String text, String expected) {
    assertThat(new Masker(key).masked(mask("hmac"), TEXT, Value.of(text)))
        .isEqualTo(Value.of(expected));
  }

  static Stream<Arguments> hmacIsThatOfTheStandard() {
    byte[] repeated = HexFormat.of().parseHex("0b".repeat(20));
    byte[] large = HexFormat.of().parseHex("aa".repeat(131));
    return Stream.of(
        Arguments.of(
            repeated,
            "Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        Arguments.of(
            "Jefe".getBytes(StandardCharsets.UTF_8),
            "what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        Arguments.of(
            large,
            "Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"));
  }

  @Test
  void hmacIsTheSameForTheSameTextOfAnyType() {
    Value seven = masker.masked(mask("hmac"), Type.named("integer"), Value.of("7"));

    assertThat(masker.masked(mask("hmac"), TEXT, Value.of("7"))).isEqualTo(seven);
    assertThat(masker.masked(mask("hmac"), TEXT, Value.of("8"))).isNotEqualTo(seven);
    assertThat(new Masker(new byte[32]).masked(mask("hmac"), TEXT, Value.of("7")))
        .isNotEqualTo(seven);
    assertThat(seven).hasToString("Text[64 characters]");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      quoteCharacter = '\'',
      textBlock =
          """
          text,                        true
          character varying,           true
          character,                   true
          name,                        true
          '"char"',                    true
          public.citext,               true
          extensions.citext,           true
          text[],                      false
          character varying[],         false
          public.citext[],             false
          smallint,                    false
          bigint,                      false
          numeric,                     false
          money,                       false
          boolean,                     false
          bytea,                       false
          bit varying,                 false
          uuid,                        false
          json,                        false
          jsonb,                       false
          xml,                         false
          date,                        false
          timestamp with time zone,    false
          inet,                        false
          int4range,                   false
          tsvector,                    false
          public.hstore,               false
          public.mood,                 false
          """)
  void lastAndTruncateFitTextsAlone(String name, boolean fits) {
    Type type = Type.named(name);
    for (String mask : List.of("last:4", "truncate:20")) {
      assertThat(mask(mask).fits(type)).isEqualTo(fits);
      assertThat(mask(mask).fits(new Type.Domain("public.d", type))).isEqualTo(fits);
    }
    assertThat(mask("redact").fits(type)).isTrue();
    assertThat(mask("hmac").fits(type)).isTrue();
  }

  @Test
  void anEnumOrARowTypeOfThatNameIsNoText() {
    assertThat(mask("last:4").fits(new Type.Scalar("public.citext", Kind.ENUM, ','))).isFalse();
    assertThat(mask("last:4").fits(new Type.Scalar("public.citext", Kind.COMPOSITE, ',')))
        .isFalse();
  }

  @Test
  void hmacAloneKeepsRowsApart() {
    assertThat(Stream.of("redact", "hmac", "last:4", "truncate:20").map(MaskerTest::mask))
        .filteredOn(Mask::keepsIdentity)
        .containsExactly(new Mask.Hmac());
  }
}

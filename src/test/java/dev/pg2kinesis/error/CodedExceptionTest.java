package dev.pg2kinesis.error;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What stands in a log in plain text is one line, whatever names it holds. */
class CodedExceptionTest {

  private static final class Failure extends CodedException {
    private static final long serialVersionUID = 1L;

    Failure(String explanation) {
      super("AS_TOLD", explanation, null);
    }
  }

  @ParameterizedTest(name = "{1}")
  @CsvSource({
    "'a\nREPORT RequestId: 1', a\\u{a}REPORT RequestId: 1",
    "'a\r\tb', a\\u{d}\\u{9}b",
    "a\0\u0001\u007f\u0085, a\\u{0}\\u{1}\\u{7f}\\u{85}",
    "a\u2028\u2029b, a\\u{2028}\\u{2029}b",
    "a\u202eb\u2066c, a\\u{202e}b\\u{2066}c",
    "a\ufeff\u200bb, a\\u{feff}\\u{200b}b",
    "a\ud800b, a\\u{d800}b",
    "a\ue000\udb80\udc00b, a\\u{e000}\\u{f0000}b",
    "é漢😀 \"Odd\" $$ -- %s ${x} \\n, é漢😀 \"Odd\" $$ -- %s ${x} \\n",
  })
  void showsWhatCannotBePrintedByItsNumber(String explanation, String shown) {
    Failure failure = new Failure(explanation);

    assertThat(failure).hasMessage("AS_TOLD: " + shown);
    assertThat(failure.explanation()).isEqualTo(shown);
  }

  @Test
  void anExplanationOfAnExplanationIsTheSame() {
    String once = new Failure("a\nb").explanation();

    assertThat(new Failure(once).explanation()).isEqualTo(once);
  }
}

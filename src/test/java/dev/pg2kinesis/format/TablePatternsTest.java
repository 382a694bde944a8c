package dev.pg2kinesis.format;

import static dev.pg2kinesis.format.Given.table;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.change.Operation;
import dev.pg2kinesis.change.TableName;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TablePatternsTest {

  @ParameterizedTest(name = "{0} ~ {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      textBlock =
          """
          users           | public.users     | true
          users           | public.users_old | false
          users           | other.users      | true
          users           | public.xusers    | false
          USERS           | public.users     | true
          "USERS"         | public.users     | false
          "USERS"         | public.USERS     | true
          public.users    | public.users     | true
          public.users    | other.users      | false
          public.*        | public.users     | true
          public.*        | publicx.users    | false
          *.users         | other.users      | true
          *               | a.b              | true
          user*           | public.user      | true
          user*           | public.users     | true
          *s              | public.users     | true
          *s              | public.userst    | false
          a*b*c           | public.aXbYbc    | true
          a*b*c           | public.aXbYbcd   | false
          a**c            | public.ac        | true
          user?           | public.users     | true
          user?           | public.user      | false
          user?           | public.userss    | false
          caf?            | public.café      | true
          ?               | public.😀        | true
          "a*"            | public.a*        | true
          "a*"            | public.ab        | false
          "a?"            | public.ab        | false
          FOO"BAR"        | public.fooBAR    | true
          FOO\"""BAR"      | 'public.foo"BAR' | true
          "a""b".t        | 'a"b.t'          | true
          "Odd Name".t    | Odd Name.t       | true
          "a,b"           | 'public.a,b'     | true
          "a.b"           | public.a.b       | true
          "a[0]"          | public.a[0]      | true
          a$b             | public.a$b       | true
          a$b             | public.a         | false
          "a.b"           | public.axb       | false
          "\\Qa\\E"         | 'public.\\Qa\\E'   | true
          "\\Qa\\E"         | public.a         | false
          a-b             | public.a-b       | true
          a , b           | public.b         | true
          'a,b.*,c'       | b.x              | true
          'a,b.*,c'       | x.b              | false
          É               | public.é         | false
          """)
  void matches(String patterns, String table, boolean expected) {
    assertThat(TablePatterns.parse(patterns).matches(table(table))).isEqualTo(expected);
  }

  @ParameterizedTest(name = "[{0}]")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      textBlock =
          """
          ''     | expected a name or a pattern such as * at character 1 of ''
          'a,'   | expected a name or a pattern such as * at character 3 of 'a,'
          'a,,b' | expected a name or a pattern such as * at character 3 of 'a,,b'
          .a     | expected a name or a pattern such as * at character 1 of '.a'
          a.     | expected a name or a pattern such as * at character 3 of 'a.'
          '""'   | expected a name or a pattern such as * at character 1 of '""'
          a.b.c  | expected at most schema.table, without a database at character 4 of 'a.b.c'
          "a     | expected a closing double quote at character 3 of '"a'
          a b    | 'expected a comma, or double quotes around a name with spaces at character 3 of ''a b'''
          a[0-9] | expected no regular expression (a name that holds this character goes in double quotes) at character 2 of 'a[0-9]'
          (a)     | expected no regular expression (a name that holds this character goes in double quotes) at character 1 of '(a)'
          """)
  void rejects(String patterns, String expected) {
    assertThatThrownBy(() -> TablePatterns.parse(patterns))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(expected);
  }

  @Test
  void wildcardsMatchLineBreaksToo() {
    TableName odd = new TableName("public", "a\nb\r\u2028c");
    assertThat(TablePatterns.parse("a*c").matches(odd)).isTrue();
    assertThat(TablePatterns.parse("a?b??c").matches(odd)).isTrue();
    assertThat(TablePatterns.parse("a?b?c").matches(odd)).isFalse();
  }

  @Test
  void exclusionWins() {
    ChangeFilter filter =
        new ChangeFilter(
            TablePatterns.parse("public.*"),
            TablePatterns.parse("*_old"),
            Set.of(Operation.INSERT, Operation.TRUNCATE));
    assertThat(filter.accepts(new TableName("public", "users"))).isTrue();
    assertThat(filter.accepts(new TableName("public", "users_old"))).isFalse();
    assertThat(filter.accepts(new TableName("other", "users"))).isFalse();
    assertThat(filter.accepts(Operation.TRUNCATE)).isTrue();
    assertThat(filter.accepts(Operation.DELETE)).isFalse();
  }

  /** Backtracking over each wildcard would not end within a year. */
  @Test
  @Timeout(10)
  void manyWildcardsAreNoMoreWork() {
    String name = "a".repeat(63);
    TablePatterns none = TablePatterns.parse("*a".repeat(40) + "*b");
    TablePatterns all = TablePatterns.parse("*a".repeat(40) + "*?*");

    assertThat(none.matches(new TableName(name, name))).isFalse();
    assertThat(all.matches(new TableName(name, name))).isTrue();
  }

  @ParameterizedTest(name = "{0} on {1}: {2}")
  @CsvSource({
    "a*b*c, abc, true",
    "a*b*c, axbxbxcxc, true",
    "a*b*c, acb, false",
    "*ab*ab, ab, false",
    "*ab*ab, abab, true",
    "*ab*ab, abxabab, true",
    "*a?c*c, abcabc, true",
    "*a?c*c, abc, false",
    "**a**, xxaxx, true",
    "*aab, aaaab, true",
    "*aab*, aaaabb, true",
    "?*?, a, false",
    "?*?, ab, true",
    "*?*, 😀, true",
    "*?*?*, 😀, false",
  })
  void wildcardsTakeWhatIsBetween(String pattern, String name, boolean matches) {
    assertThat(TablePatterns.parse(pattern).matches(new TableName("s", name))).isEqualTo(matches);
  }
}

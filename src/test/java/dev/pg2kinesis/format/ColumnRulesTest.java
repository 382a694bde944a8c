package dev.pg2kinesis.format;

import static dev.pg2kinesis.format.Given.table;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.change.TableName;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How the settings for columns are written. */
class ColumnRulesTest {

  @ParameterizedTest(name = "{0} ~ {1} {2}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      textBlock =
          """
          public.users.password       | public.users     | password | true
          public.users.password       | public.users     | Password | false
          PUBLIC.Users.PASSWORD       | public.users     | password | true
          public.users.password       | public.users_old | password | false
          public.users.password       | other.users      | password | false
          public.users.pass           | public.users     | password | false
          *.*.ssn                     | a.b              | ssn      | true
          *.*.ssn                     | a.b              | ssn2     | false
          public.users.*              | public.users     | any      | true
          public.*.ssn_?              | public.x         | ssn_1    | true
          public.*.ssn_?              | public.x         | ssn_12   | false
          public."Odd Name"."a.b,c=d" | public.Odd Name  | a.b,c=d  | true
          public."users"."*"          | public.users     | *        | true
          public."users"."*"          | public.users     | x        | false
          a.b.c , d.e.f               | d.e              | f        | true
          a.b.é                       | a.b              | é        | true
          a.b.c=d                     | a.b              | c=d      | true
          """)
  void excludedColumns(String patterns, String table, String column, boolean expected) {
    ColumnPatterns excluded = ColumnPatterns.parse(patterns);

    assertThat(excluded.matches(table(table), column)).isEqualTo(expected);
    assertThat(excluded.concern(table(table)) || !expected).isTrue();
  }

  @ParameterizedTest(name = "[{0}]")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      textBlock =
          """
          ''         | expected a name or a pattern such as * at character 1
          a.b.c,     | expected a name or a pattern such as * at character 7
          c          | expected schema.table.column, each a name or a pattern such as * at character 2
          b.c        | expected schema.table.column, each a name or a pattern such as * at character 4
          b.c,d.e.f  | expected schema.table.column, each a name or a pattern such as * at character 4
          a.b.       | expected a name or a pattern such as * at character 5
          a.b.c.d    | expected schema.table.column, without a database at character 6
          a.b.c d    | expected a comma, or double quotes around a name with spaces at character 7
          a.b.(c)    | expected no regular expression (a name that holds this character goes in double quotes) at character 5
          """)
  void wrongPatterns(String patterns, String expected) {
    assertThatThrownBy(() -> ColumnPatterns.parse(patterns))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(expected + " of '" + patterns + "'");
  }

  @ParameterizedTest(name = "{0} ~ {1} {2}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      nullValues = "none",
      textBlock =
          """
          public.users.email=hmac                   | public.users | email | hmac
          public.users.email = hmac                 | public.users | email | hmac
          public.users.email=hmac                   | public.users | name  | none
          public.users.email=hmac,*.*.email=redact  | public.users | email | hmac
          public.users.email=hmac , *.*.email=redact | public.other | email | redact
          *.*.iban=last:4                           | a.b          | iban  | last:4
          *.*.bio=truncate:20                       | a.b          | bio   | truncate:20
          *.*.bio=truncate:1000000                  | a.b          | bio   | truncate:1000000
          *.*."a=b,c"=redact                        | a.b          | a=b,c | redact
          """)
  void masks(String setting, String table, String column, @Nullable String expected) {
    ColumnMasks masks = ColumnMasks.parse(setting);
    Mask mask = masks.of(table(table), column);

    assertThat(mask == null ? null : mask.settingName()).isEqualTo(expected);
    assertThat(masks.needKey()).isEqualTo(setting.contains("hmac"));
    assertThat(masks.concern(table(table)) || expected == null).isTrue();
  }

  @ParameterizedTest(name = "[{0}]")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      textBlock =
          """
          a.b.c                  | expected '=' and a mask at character 6
          a.b.c,                 | expected '=' and a mask at character 6
          a.b.c=                 | expected redact, hmac, last:N or truncate:N with N from 1 to 1000000 at character 7
          a.b.c=hash             | expected redact, hmac, last:N or truncate:N with N from 1 to 1000000 at character 7
          a.b.c=HMAC             | expected redact, hmac, last:N or truncate:N with N from 1 to 1000000 at character 7
          a.b.c=hmac:4           | expected redact, hmac, last:N or truncate:N with N from 1 to 1000000 at character 7
          a.b.c=last             | expected redact, hmac, last:N or truncate:N with N from 1 to 1000000 at character 7
          a.b.c=last:            | expected redact, hmac, last:N or truncate:N with N from 1 to 1000000 at character 7
          a.b.c=last:0           | expected redact, hmac, last:N or truncate:N with N from 1 to 1000000 at character 7
          a.b.c=last:-1          | expected redact, hmac, last:N or truncate:N with N from 1 to 1000000 at character 7
          a.b.c=last:4x          | expected redact, hmac, last:N or truncate:N with N from 1 to 1000000 at character 7
          a.b.c=truncate:1000001 | expected redact, hmac, last:N or truncate:N with N from 1 to 1000000 at character 7
          a.b.c=truncate:99999999999 | expected redact, hmac, last:N or truncate:N with N from 1 to 1000000 at character 7
          b.c=redact             | expected schema.table.column, each a name or a pattern such as * at character 4
          a.b.c=redact=hmac      | expected a comma, or double quotes around a name with spaces at character 13
          """)
  void wrongMasks(String setting, String expected) {
    assertThatThrownBy(() -> ColumnMasks.parse(setting))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(expected + " of '" + setting + "'");
  }

  @ParameterizedTest(name = "{0} ~ {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      textBlock =
          """
          public.orders: customer_id                   | public.orders | customer_id
          public.orders:customer_id                    | public.orders | customer_id
          public.orders: customer_id                   | other.orders  | ''
          orders: Customer_ID , region                 | other.orders  | customer_id/region
          public.orders: b,a; public.*: tenant         | public.orders | b/a
          public.orders: b,a ; public.*: tenant        | public.x      | tenant
          audit_*: "a:b;c,d"                           | p.audit_1     | a:b;c,d
          "a:b;c": x                                   | p.a:b;c       | x
          """)
  void partitionColumns(String setting, String table, String expected) {
    assertThat(PartitionColumns.parse(setting).of(table(table)))
        .isEqualTo(expected.isEmpty() ? List.of() : Arrays.asList(expected.split("/")));
  }

  @ParameterizedTest(name = "[{0}]")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      textBlock =
          """
          a.b            | expected ':' and the names of columns at character 4
          a.b:           | expected a name or a pattern such as * at character 5
          a.b: c;        | expected a name or a pattern such as * at character 8
          a.b: c,        | expected a name or a pattern such as * at character 8
          a.b: c*        | expected the name of a column, without * and ? outside double quotes at character 6
          a.b: c d       | expected a comma or a semicolon, or double quotes around a name with spaces at character 8
          a.b: c.d       | expected a comma or a semicolon, or double quotes around a name with spaces at character 7
          a.b.c: d       | expected at most schema.table, without a database at character 4
          a.b: c, d: e   | expected a comma or a semicolon, or double quotes around a name with spaces at character 10
          """)
  void wrongPartitionColumns(String setting, String expected) {
    assertThatThrownBy(() -> PartitionColumns.parse(setting))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(expected + " of '" + setting + "'");
  }

  @ParameterizedTest
  @CsvSource({"public.t, true", "public.u, false", "other.t, false"})
  void tablesThatNoRuleNamesHaveNone(String name, boolean named) {
    TableName table = table(name);
    Masker masker = new Masker(null);

    assertThat(TableColumns.of(table, ColumnRules.NONE, masker)).isNull();
    for (ColumnRules rules :
        List.of(
            rules("public.t.a", "", ""),
            rules("", "public.t.a=redact", ""),
            rules("", "", "public.t:a"))) {
      assertThat(TableColumns.of(table, rules, masker) != null).isEqualTo(named);
    }
  }

  /** Rules as the settings hold them, empty for none. */
  static ColumnRules rules(String excluded, String masks, String partition) {
    return new ColumnRules(
        excluded.isEmpty() ? ColumnPatterns.NONE : ColumnPatterns.parse(excluded),
        masks.isEmpty() ? ColumnMasks.NONE : ColumnMasks.parse(masks),
        partition.isEmpty() ? PartitionColumns.NONE : PartitionColumns.parse(partition));
  }
}

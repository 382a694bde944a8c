package dev.pg2kinesis.decode;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.change.Money;
import dev.pg2kinesis.change.Money.Holder;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MoneyTextTest {

  private static final Map<String, Holder> HOLDERS =
      Map.of(
          "money[]", new Holder.Array("money", ','),
          "price", new Holder.Domain("money"),
          "price[]", new Holder.Array("price", ';'),
          "pair", new Holder.Composite(Map.of(0, "money", 2, "money[]")),
          "pair[]", new Holder.Array("pair", ','),
          "nest", new Holder.Composite(Map.of(1, "pair[]")),
          "r", new Holder.Range("money"),
          "m", new Holder.Multirange("r"),
          "pairs", new Holder.Range("pair"));

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      textBlock =
          """
          money   ~ $12.35                      ~ 1235
          money   ~ -$1,234.56                  ~ -123456
          money   ~ $0.00                       ~ 0
          money   ~ -$92,233,720,368,547,758.08 ~ -9223372036854775808
          money   ~ ￥1,235                     ~ ￥1,235
          money   ~ ``                          ~ ``
          price   ~ $0.05                       ~ 5
          money[] ~ {"$1,234.56",$1.00,NULL}    ~ {123456,100,NULL}
          money[] ~ [0:1]={$0.01,$0.02}         ~ [0:1]={1,2}
          money[] ~ {{$0.01},{$0.02}}           ~ {{1},{2}}
          money[] ~ {}                          ~ {}
          money[] ~ {$0.01                      ~ {$0.01
          money[] ~ $0.01                       ~ $0.01
          price[] ~ {$1,234.56;$0.01}           ~ {123456;1}
          pair    ~ ("$1,234.56",$0.01,"{""$1,234.56"",$0.01}") ~ (123456,$0.01,"{123456,1}")
          pair    ~ (,"",)                      ~ (,"",)
          pair    ~ ($0.01,"a ""b"" \\\\ c",)   ~ (1,"a ""b"" \\\\ c",)
          pair    ~ ($0.01,x y                  ~ ($0.01,x y
          pair    ~ ($0.01)                     ~ (1)
          pair[]  ~ {"($0.01,\\"a b\\",\\"{$0.02,NULL}\\")",NULL} ~ {"(1,\\"a b\\",\\"{2,NULL}\\")",NULL}
          nest    ~ ($0.01,"{""($0.01,x,)""}")  ~ ($0.01,"{""(1,x,)""}")
          r       ~ [$0.01,"$1,234.56")         ~ [1,123456)
          r       ~ (,$0.01]                    ~ (,1]
          r       ~ (,)                         ~ (,)
          r       ~ empty                       ~ empty
          m       ~ {[$0.01,"$1,234.56"),($2.00,)} ~ {[1,123456),(200,)}
          m       ~ {}                          ~ {}
          m       ~ {[$0.01                     ~ {[$0.01
          pairs   ~ ["($0.01,x,)","($0.02,""y z"",)") ~ ["(1,x,)","(2,""y z"",)")
          """)
  void withoutDecimals(String type, String text, String expected) {
    MoneyText money = new MoneyText(new Money(0, HOLDERS));
    assertThat(money.isIn(type)).isTrue();
    assertThat(money.rewritten(type, text)).isEqualTo(expected);
  }

  @Test
  void withThreeDecimals() {
    MoneyText money = new MoneyText(new Money(3, HOLDERS));
    assertThat(money.rewritten("money", "-$0.05")).isEqualTo("-0.005");
    assertThat(money.rewritten("money", "$12,345.00")).isEqualTo("1234.500");
    assertThat(money.isIn("text")).isFalse();
  }
}

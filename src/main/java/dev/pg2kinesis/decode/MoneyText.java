package dev.pg2kinesis.decode;

import dev.pg2kinesis.change.Money;
import dev.pg2kinesis.change.Money.Holder;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.Value;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Rewrites texts of types that are or hold money: each amount, printed in the C locale ({@code
 * -$1,234.56} for -123456 of the smallest unit), becomes the number that it is with the decimals of
 * the database's locale. The text around the amounts is what the types' output functions print
 * ("Array Input and Output Syntax", "Composite Type Input and Output Syntax", "Range Input/Output"
 * in PostgreSQL's documentation). Texts that have another form stay as they are.
 */
public final class MoneyText {

  private static final String MONEY = "money";
  private static final Pattern AMOUNT = Pattern.compile("-?\\$[0-9,]+\\.[0-9]{2}");
  private static final Pattern NOT_DIGITS = Pattern.compile("[^0-9]+");

  private final Money money;

  public MoneyText(Money money) {
    this.money = money;
  }

  /** The row with its amounts rewritten; the row itself if the session prints them right. */
  public Row rewritten(Row row) {
    if (money.decimals() == Money.DECIMALS_OF_C
        || row.columns().stream().noneMatch(column -> isIn(column.type().name()))) {
      return row;
    }
    List<Value> values = new ArrayList<>(row.values());
    for (int i = 0; i < values.size(); i++) {
      String type = row.columns().get(i).type().name();
      if (values.get(i) instanceof Value.Text text && isIn(type)) {
        values.set(i, Value.of(rewritten(type, text.text())));
      }
    }
    return new Row(row.columns(), values);
  }

  /** Whether a type is or holds money. */
  boolean isIn(String type) {
    return type.equals(MONEY) || money.holders().containsKey(type);
  }

  /** A value's text, given its type, which {@link #isIn} said yes to. */
  String rewritten(String type, String text) {
    Holder holder = money.holders().get(type);
    if (holder == null) {
      return type.equals(MONEY) ? number(text) : text;
    }
    if (holder instanceof Holder.Domain domain) {
      return rewritten(domain.base(), text);
    }
    StringBuilder result = new StringBuilder(text.length());
    NestedText nested = new NestedText(text, result);
    boolean whole;
    if (holder instanceof Holder.Array array) {
      whole = nested.array(array.delimiter(), element -> rewritten(array.element(), element));
    } else if (holder instanceof Holder.Composite composite) {
      Map<Integer, String> fields = composite.fields();
      whole =
          nested.composite(
              (index, field) ->
                  fields.containsKey(index) ? rewritten(fields.get(index), field) : field);
    } else if (holder instanceof Holder.Range range) {
      whole = nested.range(bound -> rewritten(range.subtype(), bound));
    } else {
      String range = ((Holder.Multirange) holder).range();
      whole = nested.multirange(part -> rewritten(range, part));
    }
    return whole ? result.toString() : text;
  }

  private String number(String text) {
    if (!AMOUNT.matcher(text).matches()) {
      return text;
    }
    BigInteger units = new BigInteger(NOT_DIGITS.matcher(text).replaceAll(""));
    BigInteger signed = text.startsWith("-") ? units.negate() : units;
    return new BigDecimal(signed, money.decimals()).toPlainString();
  }
}

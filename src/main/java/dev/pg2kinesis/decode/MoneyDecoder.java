package dev.pg2kinesis.decode;

import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Change.RowChange;
import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Money;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Gives amounts of money the decimals of the database's locale, where these are not the two of the
 * C locale in which the session prints them.
 */
final class MoneyDecoder implements Decoder {

  private final Decoder decoder;
  private final MoneyText money;

  MoneyDecoder(Decoder decoder, Money money) {
    this.decoder = decoder;
    this.money = new MoneyText(money);
  }

  @Override
  public void decode(RawRow row, Consumer<Change> changes) {
    decoder.decode(row, change -> changes.accept(rewritten(change)));
  }

  private Change rewritten(Change change) {
    return change instanceof RowChange row
        ? new RowChange(
            row.lsn(),
            row.operation(),
            row.table(),
            row.key(),
            rewritten(row.before()),
            rewritten(row.after()))
        : change;
  }

  private @Nullable Row rewritten(@Nullable Row row) {
    if (row == null
        || row.columns().stream().noneMatch(column -> money.isIn(column.type().name()))) {
      return row;
    }
    List<Value> values = new ArrayList<>(row.values());
    for (int i = 0; i < values.size(); i++) {
      Column column = row.columns().get(i);
      if (values.get(i) instanceof Value.Text text && money.isIn(column.type().name())) {
        values.set(i, Value.of(money.rewritten(column.type().name(), text.text())));
      }
    }
    return new Row(row.columns(), values);
  }
}

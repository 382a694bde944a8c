package dev.pg2kinesis.decode;

import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Change.RowChange;
import dev.pg2kinesis.change.Money;
import dev.pg2kinesis.change.Row;
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
    return row == null ? null : money.rewritten(row);
  }
}

package dev.pg2kinesis.format;

import dev.pg2kinesis.change.Change.RowChange;
import org.jspecify.annotations.Nullable;

/**
 * pg2kinesis's {@code CSVFormatter}: {@code 0,CDC,<xid>,<table>,<operation>,<key>}. Rows without a
 * key, truncates and messages have no form in it.
 */
final class Pg2KinesisCsvFormatter implements Formatter {

  private final boolean wal2json;

  Pg2KinesisCsvFormatter(FormatContext context) {
    this.wal2json = context.wal2json();
  }

  @Override
  public boolean format(CommittedChange change, @Nullable Long oversize, Payload payload) {
    // It holds nothing but the key to begin with, so there is no smaller form.
    if (oversize != null || !(change.change() instanceof RowChange row)) {
      return false;
    }
    String key = Pg2KinesisText.key(row);
    if (key == null) {
      return false;
    }
    StringBuilder line = new StringBuilder(96);
    line.append(Pg2KinesisText.PREFIX).append(change.commit().xid()).append(',');
    Pg2KinesisText.append(line, row.table().toString());
    line.append(',').append(Pg2KinesisText.operation(change, wal2json)).append(',');
    Pg2KinesisText.append(line, key);
    Pg2KinesisText.write(line, payload);
    return true;
  }

  @Override
  public boolean splitsKeyChanges() {
    return false;
  }
}

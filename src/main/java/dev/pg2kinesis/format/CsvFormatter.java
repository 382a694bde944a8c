package dev.pg2kinesis.format;

import dev.pg2kinesis.change.Change.RowChange;

/**
 * pg2kinesis's {@code CSVFormatter}: {@code 0,CDC,<xid>,<table>,<operation>,<key>}. Rows without a
 * key, truncates and messages have no form in it.
 */
final class CsvFormatter implements Formatter {

  private final boolean wal2json;

  CsvFormatter(FormatContext context) {
    this.wal2json = context.wal2json();
  }

  @Override
  public boolean format(CommittedChange change, Payload payload) {
    if (!(change.change() instanceof RowChange row)) {
      return false;
    }
    String key = Csv.key(row);
    if (key == null) {
      return false;
    }
    StringBuilder line = new StringBuilder(96);
    line.append(Csv.PREFIX).append(change.commit().xid()).append(',');
    Csv.append(line, row.table().toString());
    line.append(',').append(Csv.operation(row, wal2json)).append(',');
    Csv.append(line, key);
    Csv.write(line, payload);
    return true;
  }

  /** There is nothing but the key to begin with. */
  @Override
  public boolean formatOversize(CommittedChange change, long bytes, Payload payload) {
    return false;
  }

  @Override
  public boolean splitsKeyChanges() {
    return false;
  }
}

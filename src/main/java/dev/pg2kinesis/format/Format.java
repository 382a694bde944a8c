package dev.pg2kinesis.format;

/** The output formats. */
public enum Format {
  /** What Debezium's PostgreSQL connector emits with schemas disabled. */
  DEBEZIUM("debezium"),
  /** pg2kinesis's CSV line. */
  CSV("csv"),
  /** pg2kinesis's CSV line with a JSON object. */
  CSV_PAYLOAD("csv-payload"),
  /** pg2kinesis's CSV line with the change as wal2json prints it. */
  FULL_CHANGE("full-change"),
  /** pg_kinesis's JSON object with new and old values. */
  PG_KINESIS("pg-kinesis"),
  /** The row alone, as Debezium's transform ExtractNewRecordState leaves it. */
  FLAT("flat"),
  /** CloudEvents with Debezium's attributes. */
  CLOUDEVENTS("cloudevents"),
  /** AWS DMS's data record for Kinesis. */
  DMS("dms");

  private final String settingName;

  Format(String settingName) {
    this.settingName = settingName;
  }

  /** The name in the setting {@code FORMAT}. */
  public String settingName() {
    return settingName;
  }

  /** A formatter, to be used by one thread at a time. */
  public Formatter formatter(FormatContext context) {
    return switch (this) {
      case DEBEZIUM -> new DebeziumFormatter(context);
      case CSV -> new Pg2KinesisCsvFormatter(context);
      case CSV_PAYLOAD -> new Pg2KinesisCsvPayloadFormatter(context);
      case FULL_CHANGE -> new Pg2KinesisFullChangeFormatter(context);
      case PG_KINESIS -> new PgKinesisFormatter();
      case FLAT -> new FlatFormatter();
      case CLOUDEVENTS -> new CloudEventsFormatter(context);
      case DMS -> new DmsFormatter(context.dms());
    };
  }
}

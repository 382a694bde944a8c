package dev.pg2kinesis.format;

import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Change.Message;
import dev.pg2kinesis.change.Change.RowChange;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Operation;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.change.Utf8;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Turns changes into stream records, transaction by transaction: ordinals, filter, columns, format,
 * key. For one thread.
 */
public final class RecordMaker {

  private final Plan plan;
  private final ColumnRules rules;
  private final Masker masker;
  private final Payload payload;
  private final OutboxFormatter outboxFormatter;
  private final JsonWriter endWriter = new JsonWriter(JsonStyle.COMPACT);
  private final Map<TableName, Table> tables = new HashMap<>();
  private final Table messages = new Table(null, true, false, null, 0);

  private Table lastTable = messages;
  private long transactions;
  private long changes;
  private long filtered;
  private long oversized;

  /** Records of changes, of this transaction and all before it. */
  private long made;

  /** Makes records with all columns as they are. */
  public RecordMaker(Plan plan) {
    this(plan, ColumnRules.NONE, new Masker(null));
  }

  /**
   * @param rules what of the columns is published, and how
   * @param masker has the key if one of the rules needs it
   */
  public RecordMaker(Plan plan, ColumnRules rules, Masker masker) {
    this.plan = plan;
    this.rules = rules;
    this.masker = masker;
    this.payload = new Payload(plan.destinations().largestRecordBytes());
    this.outboxFormatter = new OutboxFormatter(plan.outbox().format());
  }

  /** Starts a transaction, whose changes are numbered from 0. The one before it has ended. */
  public Transaction begin(Commit commit) {
    return new Transaction(commit, ++transactions);
  }

  /**
   * Makes the record of a row that a snapshot read. Filters do not apply: the snapshot chose the
   * table.
   *
   * @param place the commit LSN that the row's identity names, and the time of the snapshot's start
   * @param row the row, as an insert
   * @return null where the format has no form for it
   * @throws OversizeException if the record is larger than the stream takes
   * @throws ColumnsRefusedException if the settings for columns do not fit the table
   */
  public @Nullable StreamRecord read(Commit place, RowChange row) {
    Table table = table(row);
    return record(CommittedChange.read(place, table.shaped(row)), table);
  }

  /** Changes taken so far. */
  public long changes() {
    return changes;
  }

  /** Changes of which nothing is published: filtered, or without a form in the format. */
  public long filtered() {
    return filtered;
  }

  /** Records replaced by a marker because they are larger than the stream takes. */
  public long oversized() {
    return oversized;
  }

  /** Makes the records of one transaction. */
  public final class Transaction {
    private final Commit commit;
    private final long number;
    private final @Nullable TransactionEnd end;
    private long ordinal;

    private Transaction(Commit commit, long number) {
      this.commit = commit;
      this.number = number;
      this.end = plan.transactionEvents() ? new TransactionEnd(commit, endWriter) : null;
    }

    /**
     * Takes the transaction's next change.
     *
     * @param records receives its records: none where it is filtered or has no form in the format,
     *     two where it is an update of the key that the format wants split, else one
     * @throws OversizeException if its record is larger than the stream takes; the change has been
     *     numbered and counted, and {@code records} received nothing for it
     * @throws ColumnsRefusedException if the settings for columns do not fit its table; the same
     */
    public void accept(Change change, Consumer<StreamRecord> records) {
      Table table = table(change);
      long changeOrdinal = ordinal++;
      long tableOrdinal = table.nextOrdinal(number);
      changes++;
      if (plan.filter().accepts(change.operation()) && table.accepted) {
        Change shaped = change instanceof RowChange row ? table.shaped(row) : change;
        long before = made;
        publish(new CommittedChange(commit, changeOrdinal, tableOrdinal, shaped), table, records);
        if (end != null && isTransactional(change)) {
          end.count(change.table(), made - before);
        }
      } else {
        filtered++;
      }
    }

    /**
     * Ends the transaction, after its last change.
     *
     * @param records receives the event of its end, if the plan has such events and the transaction
     *     made any record
     * @throws OversizeException if the event is larger than the stream takes
     */
    public void end(Consumer<StreamRecord> records) {
      if (end != null && !end.isEmpty()) {
        records.accept(record(end, ordinal));
      }
    }

    /** Changes taken so far: the ordinal of the next one. */
    public long changes() {
      return ordinal;
    }
  }

  private void publish(CommittedChange committed, Table table, Consumer<StreamRecord> records) {
    if (splits(committed.change(), table)) {
      RowChange update = (RowChange) committed.change();
      StreamRecord delete = record(with(committed, deleteOfOldKey(update)), table);
      StreamRecord insert = record(with(committed, insertOfNewKey(update)), table);
      count(delete, records);
      count(insert, records);
    } else {
      count(record(committed, table), records);
    }
  }

  private void count(@Nullable StreamRecord record, Consumer<StreamRecord> records) {
    if (record == null) {
      filtered++;
    } else {
      made++;
      records.accept(record);
    }
  }

  private static boolean isTransactional(Change change) {
    return !(change instanceof Message message) || message.transactional();
  }

  private @Nullable StreamRecord record(CommittedChange change, Table table) {
    payload.reset();
    Formatter formatter = formatter(change.change());
    if (!formatter.format(change, payload)) {
      return null;
    }
    String key = key(change, table);
    int keyBytes = Utf8.length(key);
    int stream = stream(change.change());
    if (payload.size() + keyBytes > plan.destinations().maxRecordBytes().get(stream)) {
      replaceByMarker(change, formatter, payload.size() + keyBytes, stream);
    }
    return new StreamRecord(
        key, keyBytes, payload.toByteArray(), change.commit().lsn(), change.ordinal(), stream);
  }

  private int stream(Change change) {
    return change.table() == null ? plan.destinations().routes().of(change) : table(change).stream;
  }

  private void replaceByMarker(
      CommittedChange change, Formatter formatter, long bytes, int stream) {
    int limit = plan.destinations().maxRecordBytes().get(stream);
    long keyBytes = bytes - payload.size();
    payload.reset();
    if (plan.oversize() == Oversize.FAIL
        || !formatter.format(change, bytes, payload)
        || payload.size() + keyBytes > limit) {
      throw new OversizeException(change, bytes, plan.destinations().described(stream), limit);
    }
    oversized++;
  }

  private StreamRecord record(TransactionEnd end, long ordinal) {
    String key = plan.partitionKey().ofTransaction(end.commit(), plan.slot());
    payload.reset();
    end.write(null, payload);
    long bytes = payload.size() + key.length();
    int limit = plan.destinations().maxRecordBytes().get(0); // it goes to the default stream
    if (bytes > limit) {
      if (plan.oversize() == Oversize.FAIL) {
        throw new OversizeException(end.commit(), bytes, limit);
      }
      payload.reset();
      end.write(bytes, payload);
      oversized++;
    }
    return new StreamRecord(key, payload.toByteArray(), end.commit().lsn(), ordinal);
  }

  private boolean isEvent(Change change) {
    return change instanceof Message message
        ? plan.outbox().messages().matches(message.prefix())
        : table(change).outbox;
  }

  private Formatter formatter(Change change) {
    return isEvent(change) ? outboxFormatter : plan.formatter();
  }

  /** Where the row decides the partition key, the aggregate of an outbox's row takes its place. */
  private String key(CommittedChange change, Table table) {
    if (plan.partitionKey() == PartitionKey.PRIMARY_KEY
        && change.change() instanceof RowChange row
        && table.outbox) {
      String aggregate = OutboxRow.of(change, row).aggregateId();
      return aggregate == null || aggregate.isEmpty()
          ? PartitionKey.TABLE.of(change, plan.slot())
          : PartitionKey.shortened(aggregate);
    }
    return plan.partitionKey().of(change, plan.slot(), table.partition());
  }

  private boolean splits(Change change, Table table) {
    return formatter(change).splitsKeyChanges()
        && change.operation() == Operation.UPDATE
        && (RowKey.changed((RowChange) change)
            || RowKey.differs((RowChange) change, table.partition()));
  }

  private static CommittedChange with(CommittedChange committed, Change change) {
    return new CommittedChange(
        committed.commit(), committed.ordinal(), committed.tableOrdinal(), change);
  }

  private static RowChange deleteOfOldKey(RowChange update) {
    return new RowChange(
        update.lsn(), Operation.DELETE, update.table(), update.key(), update.before(), null);
  }

  private static RowChange insertOfNewKey(RowChange update) {
    return new RowChange(
        update.lsn(),
        Operation.INSERT,
        update.table(),
        update.key(),
        null,
        RowKey.withUnchangedValues(Objects.requireNonNull(update.after()), update.before()));
  }

  private Table table(Change change) {
    TableName name = change.table();
    if (name == null) {
      return messages;
    }
    if (!Objects.equals(name, lastTable.name)) { // most changes are of the last one's
      lastTable =
          tables.computeIfAbsent(
              name,
              n -> {
                boolean outbox = plan.outbox().tables().matches(n);
                ColumnRules ofTable = outbox ? rules.withoutPartition() : rules;
                return new Table(
                    n,
                    plan.filter().accepts(n),
                    outbox,
                    TableColumns.of(n, ofTable, masker),
                    plan.destinations().routes().of(n));
              });
    }
    return lastTable;
  }

  /**
   * What is known of a table for as long as these records are made; of messages, without a name.
   */
  private static final class Table {
    private final @Nullable TableName name;
    private final boolean accepted;
    private final boolean outbox;
    private final @Nullable TableColumns columns;
    private final int stream;
    private long transaction;
    private long ordinal;

    Table(
        @Nullable TableName name,
        boolean accepted,
        boolean outbox,
        @Nullable TableColumns columns,
        int stream) {
      this.name = name;
      this.accepted = accepted;
      this.outbox = outbox;
      this.columns = columns;
      this.stream = stream;
    }

    RowChange shaped(RowChange change) {
      return columns == null ? change : columns.shaped(change);
    }

    /** The columns that make the partition key instead of the row's key, if any do. */
    List<String> partition() {
      return columns == null ? List.of() : columns.partition();
    }

    long nextOrdinal(long inTransaction) {
      if (transaction != inTransaction) {
        transaction = inTransaction;
        ordinal = 0;
      }
      return ordinal++;
    }
  }

  /**
   * How records are made.
   *
   * @param formatter writes their payloads
   * @param partitionKey what decides their partition keys
   * @param filter which changes are published
   * @param oversize what is done with those that are too large
   * @param destinations which streams the records go to, and how large they may be
   * @param slot the slot's name
   * @param outbox which changes are an outbox's events, written without {@code formatter}
   * @param transactionEvents whether an event follows each transaction that made a record
   */
  public record Plan(
      Formatter formatter,
      PartitionKey partitionKey,
      ChangeFilter filter,
      Oversize oversize,
      Destinations destinations,
      String slot,
      Outbox outbox,
      boolean transactionEvents) {

    /** A plan for one stream, which takes so many bytes in a record, partition key included. */
    public Plan(
        Formatter formatter,
        PartitionKey partitionKey,
        ChangeFilter filter,
        Oversize oversize,
        int maxRecordBytes,
        String slot,
        Outbox outbox,
        boolean transactionEvents) {
      this(
          formatter,
          partitionKey,
          filter,
          oversize,
          Destinations.one(maxRecordBytes),
          slot,
          outbox,
          transactionEvents);
    }

    /** The same without an outbox and without events of transactions. */
    public Plan(
        Formatter formatter,
        PartitionKey partitionKey,
        ChangeFilter filter,
        Oversize oversize,
        int maxRecordBytes,
        String slot) {
      this(formatter, partitionKey, filter, oversize, maxRecordBytes, slot, Outbox.NONE, false);
    }
  }
}

/**
 * Turns changes into stream records; no input or output.
 *
 * <ul>
 *   <li>The way of a change: {@code RecordMaker} numbers it ({@code CommittedChange}), asks {@code
 *       ChangeFilter}, has a {@code Formatter} write it into a {@code Payload}, and makes a {@code
 *       StreamRecord} under its {@code PartitionKey}; {@code Oversize} says what becomes of one
 *       that is too large ({@code OversizeException}). {@code RowKey} finds a row's key. {@code
 *       TransactionEnd} is the event after a transaction.
 *   <li>Filters: {@code ChangeFilter}, with {@code TablePatterns} as {@code TablePatternReader}
 *       reads them.
 *   <li>Outbox: {@code Outbox} says which changes are events, with {@code TablePatterns} and {@code
 *       MessagePatterns}. {@code OutboxFormatter} writes them in an {@code OutboxFormat}; {@code
 *       OutboxRow} finds their columns ({@code OutboxException}).
 *   <li>Columns: {@code ColumnRules} are the settings, {@code TableColumns} applies them to the
 *       rows of a table before they are formatted, {@code Masker} masks values as a {@code Mask}
 *       says. {@code ColumnsRefusedException} is for tables that the settings do not fit.
 *   <li>Streams: {@code Routes}, as {@code RoutesReader} reads them, with {@code TablePatterns} and
 *       {@code MessagePatterns}; {@code Destinations} adds what each stream takes.
 *   <li>Formats: {@code Format} lists them and makes their formatters for a {@code FormatContext}.
 *       The files of one format share a prefix: {@code Debezium…}, {@code Pg2Kinesis…} for {@code
 *       csv}, {@code csv-payload} and {@code full-change}, {@code PgKinesis…}, {@code Flat…},
 *       {@code CloudEvents…}, {@code Dms…}. {@code DebeziumRow} writes rows for the first and for
 *       {@code flat} and {@code cloudevents}.
 *   <li>JSON: {@code JsonWriter} writes it in a {@code JsonStyle}; {@code JsonNumber} and {@code
 *       PlainTypes} tell what goes without quotes. {@code EmbeddedJson} is JSON that an application
 *       wrote.
 * </ul>
 */
@NullMarked
package dev.pg2kinesis.format;

import org.jspecify.annotations.NullMarked;
